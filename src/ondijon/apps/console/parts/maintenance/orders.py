"""Work orders: the list, a table of it, and photos."""

import hashlib
from datetime import date, datetime
from typing import Literal
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, MultipartBody
from msgspec import Struct

from ondijon.apps.console.downloads import answer_file, write_table
from ondijon.apps.console.room import Room, Seat, TheRoom, TheSeat
from ondijon.domains.lighting.model import TRADE
from ondijon.domains.lighting.queries import work_orders as queries
from ondijon.domains.lighting.rules.work_orders import LAW, MOST_PHOTOS, State, Step, evolve, may_step
from ondijon.kernel.errors import NotAllowed, NotFound, Refused
from ondijon.kernel.ports import Row
from ondijon.kernel.room import Act
from ondijon.web.uploads import MOST_BYTES, take_in

MOST = 2_000
_MOST_BODY = MOST_BYTES + (64 << 10)
Which = Literal["open", "ended", "all"]
STATES: dict[str, tuple[str, ...]] = {
    "open": (State.OPEN.value, State.ASSIGNED.value),
    "ended": (State.DONE.value, State.CANCELLED.value),
    "all": tuple(state.value for state in State),
}


class UsedPart(Struct, frozen=True):
    """Something that was built in."""

    part: str
    quantity: int


class OrderShape(Struct, frozen=True):
    """A work order; steps: what the law lets happen now, and the person may do."""

    id: UUID
    number: int
    version: int
    kind: str
    state: str
    commune: str
    twin: str
    twin_type: str
    twin_name: str
    note: str | None
    outcome: str | None
    card: UUID | None
    incident: UUID | None
    assigned_to: UUID | None
    assigned_name: str | None
    due_day: date | None
    minutes: int | None
    opened_at: datetime
    opened_by: str | None
    ended_at: datetime | None
    parts: list[UsedPart]
    photos: list[UUID]
    steps: list[str]


class KeptPhoto(Struct, frozen=True):
    """The photo that was kept."""

    id: UUID


@get("/lighting/work-orders")
async def list_orders(room: TheRoom, seat: TheSeat, which: FromQuery[Which] = "open") -> list[OrderShape]:
    """Orders that the person sees, what is due first."""
    return [_shape(seat, row) for row in await _rows(room, seat, which)]


async def _rows(room: Room, seat: Seat, which: Which) -> list[Row]:
    seen = sorted(room.rights.communes_of(seat.scope, TRADE))
    return list(await queries.list_orders(room.rows, seen, STATES[which], MOST))


def _shape(seat: Seat, row: Row) -> OrderShape:
    may = seat.person.actor.may("handle", TRADE, row["commune"])
    steps = [step.value for step in LAW if may and may_step(State(row["state"]), step)]
    same = {
        name: row[name]
        for name in OrderShape.__struct_fields__
        if name not in ("steps", "parts", "twin", "twin_type") and name not in ("opened_by",)
    }
    parts = [UsedPart(**part) for part in row["parts"]]
    return OrderShape(
        **same, twin=row["urn"], twin_type=row["type"], opened_by=row["opened_by_name"], parts=parts, steps=steps
    )


@get("/lighting/work-orders/export.csv")
async def export_orders(room: TheRoom, seat: TheSeat, which: FromQuery[Which] = "all") -> Response[bytes]:
    """The list of the communes whose lists the person may take out; audited."""
    scope = room.rights.scope_of(seat.person.actor, "export")
    mine = sorted(room.rights.communes_of(scope, TRADE))
    if not mine:
        raise NotAllowed("error.not_allowed", verb="export", trade=TRADE, commune="*")
    rows = await queries.list_orders(room.rows, mine, STATES[which], MOST)
    names = ("number", "kind", "state", "commune", "urn", "due_day", "opened_at", "ended_at", "minutes")
    lines = []
    for row in rows:
        parts = ", ".join(f"{part['quantity']} x {part['part']}" for part in row["parts"])
        said = (row["assigned_name"], parts, row["note"], row["outcome"])
        lines.append([*(row[name] for name in names), *said])
    document = write_table([*names, "assigned_to", "parts", "note", "outcome"], lines)
    detail = {"form": "csv", "lines": len(rows), "sha256": hashlib.sha256(document).hexdigest(), "communes": mine}
    await room.post.record_act(seat.person.actor, "lighting.work_orders_exported", "work_orders", detail)
    return answer_file(document, "text/csv", "work-orders.csv")


@post("/lighting/work-orders/{order:uuid}/photos", status_code=200, request_max_body_size=_MOST_BODY)
async def send_photo(
    room: TheRoom, seat: TheSeat, order: FromPath[UUID], data: MultipartBody[dict[str, UploadFile]]
) -> KeptPhoto:
    """Keep a photo with an order, drawn anew; raises TooLarge and Refused before anything is kept."""
    row = await _find(room, seat, order, "handle")
    evolve(State(row["state"]), Step.ATTACH)
    sent = data.get("file")
    if sent is None:
        raise Refused("error.bad_request")
    upload = await take_in(sent.filename, await sent.read(MOST_BYTES + 1))
    photo = room.ids.new_id()
    digest, who = hashlib.sha256(upload.content).digest(), seat.person.actor
    payload = {"id": str(order), "photo": str(photo)}
    async with room.rows.transaction() as tx:
        if await queries.count_photos(tx, order) >= MOST_PHOTOS:
            raise Refused("error.lighting_work_order_photos", most=MOST_PHOTOS)
        values = (photo, order, upload.name, upload.media_type, digest, upload.content, room.clock.now(), who.pseudonym)
        await queries.insert_photo(tx, values)
    await room.door.perform(who, Act("lighting.attach_photo", payload, room.ids.new_id()))
    return KeptPhoto(photo)


@get("/lighting/work-orders/{order:uuid}/photos/{photo:uuid}")
async def one_photo(room: TheRoom, seat: TheSeat, order: FromPath[UUID], photo: FromPath[UUID]) -> Response[bytes]:
    """A photo of an order that the person sees."""
    await _find(room, seat, order, "see")
    row = await queries.find_photo(room.rows, order, photo)
    if row is None:
        raise NotFound("error.file_not_found")
    shown = "inline" if row["media_type"].startswith("image/") else "attachment"
    headers = {
        "Content-Disposition": f"{shown}; filename*=UTF-8''{quote(row['name'])}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=86400, immutable",
    }
    return Response(row["content"], media_type=row["media_type"], headers=headers)


async def _find(room: Room, seat: Seat, order: UUID, verb: Literal["see", "handle"]) -> Row:
    row = await queries.find_order(room.rows, order)
    if row is None or not room.rights.sees(seat.scope, TRADE, row["commune"]):
        raise NotFound("error.lighting_work_order_unseen")
    if not seat.person.actor.may(verb, TRADE, row["commune"]):
        raise NotAllowed("error.not_allowed", verb=verb, trade=TRADE, commune=row["commune"])
    return row


ROUTES = [list_orders, export_orders, send_photo, one_photo]
