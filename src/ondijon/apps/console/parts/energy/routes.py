"""Savings by commune and year."""

from litestar import Response, get
from litestar.datastructures import State
from litestar.params import FromPath

from ondijon.apps.console.downloads import answer_file
from ondijon.apps.console.parts.energy.export import export_csv, export_json
from ondijon.apps.console.parts.energy.shapes import SavingsShape, YearShape
from ondijon.apps.console.parts.energy.view import get_year, list_savings
from ondijon.apps.console.room import TheRoom, TheSeat
from ondijon.kernel.errors import Refused


@get("/lighting/savings")
async def savings(room: TheRoom, seat: TheSeat) -> SavingsShape:
    """Every year that was proved, of the communes that the person sees."""
    return await list_savings(room, seat)


@get("/lighting/savings/{commune:str}/{year:int}")
async def one_year(room: TheRoom, seat: TheSeat, commune: FromPath[str], year: FromPath[int]) -> YearShape:
    """A commune's year in full."""
    return await get_year(room, seat, commune, year)


@get("/lighting/savings/{commune:str}/{year:int}/export.json")
async def export_signed(
    room: TheRoom, seat: TheSeat, state: State, commune: FromPath[str], year: FromPath[int]
) -> Response[bytes]:
    """The same, signed with the post's key."""
    key = state.get("logbook_key")
    if key is None:
        raise Refused("error.logbook_no_key")
    document = await export_json(room, seat, key, commune, year)
    return answer_file(document, "application/json", f"energy-{commune}-{year}.json")


@get("/lighting/savings/{commune:str}/{year:int}/export.csv")
async def export_table(room: TheRoom, seat: TheSeat, commune: FromPath[str], year: FromPath[int]) -> Response[bytes]:
    """One line a cabinet."""
    return answer_file(await export_csv(room, seat, commune, year), "text/csv", f"energy-{commune}-{year}.csv")


ROUTES = [savings, one_year, export_signed, export_table]
