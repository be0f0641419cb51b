"""Changes of equipment as somebody with given rights sees them: what would change, what waits, what was done."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ondijon.apps.console.parts.lighting import queries
from ondijon.apps.console.room import Room, Seat
from ondijon.domains.lighting.desk.assets import select_lights
from ondijon.domains.lighting.model import STREETLIGHT, TRADE
from ondijon.domains.lighting.queries import assets
from ondijon.domains.lighting.rules.re_equipping import check_values, needs_approval
from ondijon.kernel.commands import Selection
from ondijon.kernel.errors import NotFound
from ondijon.kernel.inventory import AttributeValue
from ondijon.kernel.ports import Row

MOST_LISTED = 100
_MOST_FORMER = 8


class ChangeAsked(Struct, frozen=True):
    """What would be written to which lights."""

    targets: Selection
    values: dict[str, AttributeValue]


class Former(Struct, frozen=True):
    """How many lights have this value before; None: no such attribute, or `others` of several values together."""

    value: AttributeValue
    count: int
    others: bool = False


class KeyChange(Struct, frozen=True):
    """One attribute: what it becomes, from what on how many lights, and how many have it already."""

    key: str
    value: AttributeValue
    formers: list[Former]
    unchanged: int


class ChangeDryRun(Struct, frozen=True):
    """What a change would do; refused: lights that are meant and are not the person's to configure."""

    count: int
    unchanged: int
    refused: int
    needs_approval: bool
    changes: list[KeyChange]


class ChangeShape(Struct, frozen=True):
    """A change of equipment; kept: values that undo left alone; names are None once forgotten."""

    id: UUID
    state: str
    values: dict[str, AttributeValue]
    reason: str | None
    lights: int
    communes: list[str]
    proposed_by: str | None
    proposed_at: datetime
    lapses_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None
    undone_by: str | None
    undone_at: datetime | None
    kept: int
    is_mine: bool
    changes: list[KeyChange]


async def dry_run(room: Room, seat: Seat, asked: ChangeAsked) -> ChangeDryRun:
    """Nothing is written; raises what the act itself would raise."""
    values = check_values(asked.values, room.clock.now().year)
    rows, refused = select_lights(room.city, seat.person.actor, asked.targets)
    twin_nos = room.city.twins[STREETLIGHT.key].twin_no[rows].tolist()
    count = sum(row["count"] for row in await assets.list_differing(room.rows, twin_nos, values))
    changes = _changes(await assets.list_former(room.rows, twin_nos, values), values)
    return ChangeDryRun(count, len(rows) - count, refused, needs_approval(count), changes)


async def list_changes(room: Room, seat: Seat) -> list[ChangeShape]:
    """The newest, those that wait first; only what lies wholly on ground that may be seen."""
    communes = sorted(room.rights.communes_of(seat.scope, TRADE))
    return [_shape(row, seat, []) for row in await queries.list_re_equipments(room.rows, communes, MOST_LISTED)]


async def read_change(room: Room, seat: Seat, re_equipment: UUID) -> ChangeShape:
    """One with its values before; raises NotFound also when it may not be seen."""
    row = await queries.find_re_equipment(room.rows, re_equipment)
    seen = room.rights.communes_of(seat.scope, TRADE)
    if row is None or not seen.issuperset(row["communes"]):
        raise NotFound("error.re_equipment_not_found")
    if row["state"] in ("applied", "undone"):
        former = await queries.list_journal(room.rows, re_equipment)
    else:
        former = await assets.list_former(room.rows, row["twin_nos"], row["values"])
    return _shape(row, seat, _changes(former, row["values"]))


def _changes(former: Sequence[Row], values: dict[str, AttributeValue]) -> list[KeyChange]:
    changes = []
    for key, value in values.items():
        mine = [row for row in former if row["key"] == key]
        differing = [Former(row["former"], row["count"]) for row in mine if not row["same"]]
        rest = sum(one.count for one in differing[_MOST_FORMER:])
        shown = differing[:_MOST_FORMER] + ([Former(None, rest, others=True)] if rest else [])
        changes.append(KeyChange(key, value, shown, sum(row["count"] for row in mine if row["same"])))
    return changes


def _shape(row: Row, seat: Seat, changes: list[KeyChange]) -> ChangeShape:
    return ChangeShape(
        id=row["id"],
        state=row["state"],
        values=row["values"],
        reason=row["reason"],
        lights=row["lights"],
        communes=row["communes"],
        proposed_by=row["proposer"],
        proposed_at=row["proposed_at"],
        lapses_at=row["lapses_at"],
        decided_by=row["decider"],
        decided_at=row["decided_at"],
        decision_reason=row["decision_reason"],
        undone_by=row["undoer"],
        undone_at=row["undone_at"],
        kept=row["kept"],
        is_mine=row["proposed_by"] == seat.person.actor.pseudonym,
        changes=changes,
    )
