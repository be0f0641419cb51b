"""Work orders at the desk: opened by hand or from an alarm card, assigned, finished with what was used."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from ondijon.domains.lighting.model import CABINET, STREETLIGHT, TRADE
from ondijon.domains.lighting.queries import work_orders as queries
from ondijon.domains.lighting.rules.work_orders import ENDED, Kind, State, Step, evolve
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.ports import Row
from ondijon.kernel.privacy import DataClass, Privacy
from ondijon.kernel.room import ActDesk, ActSpec, Holding

UNSEEN = "error.lighting_work_order_unseen"
Text = Annotated[str, Meta(max_length=2_000)]
Words = Annotated[str, Meta(min_length=1, max_length=2_000)]
Version = Annotated[int, Meta(ge=1)]


class OpenWorkOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Work wanted on one light or cabinet; card, incident: what it comes from."""

    twin: str
    kind: Kind
    note: Text = ""
    card: UUID | None = None
    incident: UUID | None = None
    due_day: date | None = None


class AssignWorkOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Who is sent: a contact of the directory; None takes it back."""

    id: UUID
    version: Version
    to: UUID | None
    due_day: date | None = None


class PartUsed(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that was built in."""

    part: Annotated[str, Meta(min_length=1, max_length=200)]
    quantity: Annotated[int, Meta(ge=1, le=1_000)]


class FinishWorkOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """What was done, with which parts, in how many minutes on site."""

    id: UUID
    version: Version
    outcome: Words
    minutes: Annotated[int, Meta(ge=0, le=6_000)] | None = None
    parts: Annotated[tuple[PartUsed, ...], Meta(max_length=50)] = ()


class EndWorkOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Cancelled, or opened again, with the reason."""

    id: UUID
    version: Version
    reason: Words


class AttachPhoto(Struct, frozen=True, forbid_unknown_fields=True):
    """A photo that was sent for an order."""

    id: UUID
    photo: UUID


async def open_work_order(desk: ActDesk, asked: OpenWorkOrder) -> dict[str, Any]:
    """A new order; raises NotFound for anything but a light or cabinet that may be seen."""
    twins, row = _find(desk, asked.twin)
    commune, twin_no = twins.records[row].commune, int(twins.twin_no[row])
    desk.demand("handle", TRADE, commune)
    if asked.card is not None and not await queries.has_card(desk.tx, asked.card, twin_no):
        raise Refused("error.lighting_work_order_card")
    order, number = desk.new_id(), await queries.next_number(desk.tx)
    values = {
        "id": order,
        "number": number,
        "twin_no": twin_no,
        "commune": commune,
        "kind": asked.kind,
        "state": State.OPEN.value,
        "note": asked.note.strip() or None,
        "card": asked.card,
        "incident": asked.incident,
        "due_day": asked.due_day,
        "version": 1,
        "opened_at": desk.now,
        "opened_by": desk.actor.pseudonym,
        "changed_at": desk.now,
        "changed_by": desk.actor.pseudonym,
    }
    await queries.insert_order(desk.tx, values)
    _tell(desk, "lighting.work_order_opened", order, number, commune, asked.twin)
    return {"id": order, "number": number, "version": 1}


def _find(desk: ActDesk, urn: str) -> tuple[Any, int]:
    """Raises NotFound in the same words for one that may not be seen and one that is not there."""
    for key in (STREETLIGHT.key, CABINET.key):
        twins = desk.city.twins.get(key)
        row = None if twins is None else twins.row_of.get(urn)
        if twins is not None and row is not None and desk.actor.may("see", TRADE, twins.records[row].commune):
            return twins, row
    raise NotFound("error.twin_not_found", id=urn)


async def assign_work_order(desk: ActDesk, asked: AssignWorkOrder) -> dict[str, int]:
    """Send somebody, or take it back."""
    row = await _take(desk, asked.id, asked.version)
    step = Step.RELEASE if asked.to is None else Step.ASSIGN
    if asked.to is not None and not await queries.is_contact(desk.tx, asked.to):
        raise Refused("error.no_such_contact")
    due = {"due_day": asked.due_day} if asked.due_day is not None else {}
    return await _go(desk, row, step, "assigned" if asked.to else "released", {"assigned_to": asked.to, **due})


async def finish_work_order(desk: ActDesk, asked: FinishWorkOrder) -> dict[str, int]:
    """It is done."""
    row = await _take(desk, asked.id, asked.version)
    await queries.replace_parts(desk.tx, asked.id, [(used.part, used.quantity) for used in asked.parts])
    return await _go(desk, row, Step.FINISH, "finished", {"outcome": asked.outcome.strip(), "minutes": asked.minutes})


async def cancel_work_order(desk: ActDesk, asked: EndWorkOrder) -> dict[str, int]:
    """It is not needed any more."""
    row = await _take(desk, asked.id, asked.version)
    return await _go(desk, row, Step.CANCEL, "cancelled", {"outcome": asked.reason.strip()})


async def reopen_work_order(desk: ActDesk, asked: EndWorkOrder) -> dict[str, int]:
    """It was not done after all."""
    row = await _take(desk, asked.id, asked.version)
    changes = {"note": asked.reason.strip(), "outcome": None, "assigned_to": None}
    return await _go(desk, row, Step.REOPEN, "reopened", changes)


async def attach_photo(desk: ActDesk, asked: AttachPhoto) -> dict[str, Any]:
    """Tell of a photo that was kept with the order; the console's upload asks for this."""
    row = await _take(desk, asked.id, None)
    evolve(State(row["state"]), Step.ATTACH)
    if await queries.find_photo(desk.tx, asked.id, asked.photo) is None:
        raise NotFound("error.file_not_found")
    _tell(desk, "lighting.work_order_photo_added", row["id"], row["number"], row["commune"], row["urn"])
    return {}


async def _take(desk: ActDesk, order: UUID, version: int | None) -> Row:
    row = await queries.lock_order(desk.tx, order)
    if row is None:
        desk.demand("see", TRADE, None, unseen=UNSEEN)
        raise NotFound(UNSEEN)
    desk.demand("handle", TRADE, row["commune"], unseen=UNSEEN)
    if version is not None and row["version"] != version:
        raise Refused("error.changed_meanwhile", by=row["changed_by_name"] or "post")
    return row


async def _go(desk: ActDesk, row: Row, step: Step, happened: str, changes: dict[str, Any]) -> dict[str, int]:
    state = evolve(State(row["state"]), step)
    changes |= {
        "state": state.value,
        "ended_at": desk.now if state in ENDED else None,
        "changed_at": desk.now,
        "changed_by": desk.actor.pseudonym,
    }
    version = await queries.save_order(desk.tx, row["id"], changes)
    _tell(desk, f"lighting.work_order_{happened}", row["id"], row["number"], row["commune"], row["urn"])
    return {"version": version}


def _tell(desk: ActDesk, key: str, order: UUID, number: int, commune: str, urn: str) -> None:
    subject = f"work_order:{order}"
    desk.tell(key, trade=TRADE, commune=commune, subject=subject, twin=urn, payload={"number": number})
    desk.announce(TRADE, subject, TRADE, commune)


_WORDS = Privacy(DataClass.PERSONAL, "lighting.purpose.work", 1827)
ACTS = (
    ActSpec("lighting.open_work_order", OpenWorkOrder, open_work_order),
    ActSpec("lighting.assign_work_order", AssignWorkOrder, assign_work_order),
    ActSpec("lighting.finish_work_order", FinishWorkOrder, finish_work_order),
    ActSpec("lighting.cancel_work_order", EndWorkOrder, cancel_work_order),
    ActSpec("lighting.reopen_work_order", EndWorkOrder, reopen_work_order),
    ActSpec("lighting.attach_photo", AttachPhoto, attach_photo),
)
HOLDINGS = (
    Holding("lighting.work_order_words", "lighting_work_orders", ("note", "outcome"), "ended_at", _WORDS),
    Holding("lighting.work_order_photos", "lighting_work_order_photos", (), "at", _WORDS),
)
