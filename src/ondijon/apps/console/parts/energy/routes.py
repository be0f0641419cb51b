"""Savings by commune and year."""

from litestar import get
from litestar.params import FromPath

from ondijon.apps.console.parts.energy.shapes import SavingsShape, YearShape
from ondijon.apps.console.parts.energy.view import get_year, list_savings
from ondijon.apps.console.room import TheRoom, TheSeat


@get("/lighting/savings")
async def savings(room: TheRoom, seat: TheSeat) -> SavingsShape:
    """Every year that was proved, of the communes that the person sees."""
    return await list_savings(room, seat)


@get("/lighting/savings/{commune:str}/{year:int}")
async def one_year(room: TheRoom, seat: TheSeat, commune: FromPath[str], year: FromPath[int]) -> YearShape:
    """A commune's year in full."""
    return await get_year(room, seat, commune, year)


ROUTES = [savings, one_year]
