"""The register's routes: everybody who signed in may read what decides by itself."""

from litestar import get
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath
from msgspec import structs

from ondijon.apps.console.parts.automations import queries
from ondijon.apps.console.parts.automations.register import get_registered, list_registered
from ondijon.apps.console.parts.automations.shapes import CardShape, DecisionShape
from ondijon.apps.console.room import TheRoom, TheSeat
from ondijon.kernel.ports import Row


@get("/automations")
async def automations(seat: TheSeat) -> list[CardShape]:
    """Every card."""
    return [CardShape(**structs.asdict(one.card)) for one in list_registered()]


@get("/automations/{key:str}/decisions")
async def decisions(room: TheRoom, seat: TheSeat, key: FromPath[str]) -> list[DecisionShape]:
    """The last hundred decisions that the reader may see."""
    found = get_registered(key)
    pairs = room.rights.trade_pairs(seat.scope)
    if found.groups:
        return [_grouping(row, found.card.version) for row in await queries.list_groups(room.rows, pairs)]
    rows = await queries.list_decisions(room.rows, key, pairs)
    return [DecisionShape(row["id"], row["at"], row["version"], row["input"], row["outcome"]) for row in rows]


def _grouping(row: Row, version: int) -> DecisionShape:
    """A card of the alarm list, as the decision that it is."""
    explanation = row["explanation"]
    values = {"members": row["members"], "expected": row["expected"], **explanation["values"]}
    outcome = {"kind": row["kind"], "explanation": {"key": explanation["key"], "values": values}}
    outcome |= {"dissolved": row["dissolved"], "over": row["over_at"] is not None}
    return DecisionShape(row["id"], row["at"], version, {"type": row["type"], "alarms": row["members"]}, outcome)


ROUTES: list[BaseRouteHandler] = [automations, decisions]
