"""Photos and documents of an incident: sent, attached by an act, served so that no browser runs them."""

import hashlib
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, MultipartBody
from msgspec import Struct

from ondijon.apps.console.parts.incidents import queries
from ondijon.apps.console.parts.incidents.routes import reader_of
from ondijon.apps.console.parts.incidents.view import find_row
from ondijon.apps.console.room import Room, Seat, TheRoom, TheSeat, language_of
from ondijon.kernel.errors import NotAllowed, NotFound, Refused
from ondijon.kernel.identity import Verb
from ondijon.kernel.ports import Row
from ondijon.kernel.room import Act
from ondijon.web.uploads import MOST_BYTES, Upload, take_in

AnyRequest = Request[Any, Any, Any]
_MOST_BODY = MOST_BYTES + (64 << 10)  # the file and what multipart puts around it


class FileAnswer(Struct, frozen=True):
    """The file that was kept."""

    id: UUID


async def find_with_right(room: Room, seat: Seat, incident: UUID, verb: Verb) -> Row:
    """The incident; raises NotFound when it may not be seen, NotAllowed without `verb` there."""
    row = await find_row(reader_of(room, seat, "fr"), incident)
    if not seat.person.actor.may(verb, row["trade"], row["commune"]):
        raise NotAllowed("error.not_allowed", verb=verb, trade=row["trade"], commune=row["commune"])
    return row


@post("/incidents/{incident_id:uuid}/files", status_code=200, request_max_body_size=_MOST_BODY)
async def send_file(
    room: TheRoom, seat: TheSeat, incident_id: FromPath[UUID], data: MultipartBody[dict[str, UploadFile]]
) -> FileAnswer:
    """Keep a file and attach it; raises TooLarge and Refused before anything is kept."""
    await find_with_right(room, seat, incident_id, "handle")
    sent = data.get("file")
    if sent is None:
        raise Refused("error.bad_request")
    upload = await take_in(sent.filename, await sent.read(MOST_BYTES + 1))
    file = await _keep(room, seat, upload)
    act = Act("incidents.attach", {"id": str(incident_id), "file": str(file)}, room.ids.new_id())
    await room.door.perform(seat.person.actor, act)
    return FileAnswer(file)


async def _keep(room: Room, seat: Seat, upload: Upload) -> UUID:
    file = room.ids.new_id()
    digest = hashlib.sha256(upload.content).digest()
    size = (upload.width, upload.height, len(upload.content))
    who = (seat.person.actor.pseudonym, room.clock.now())
    values = (file, upload.name, upload.media_type, *size, digest, upload.content, *who)
    await queries.insert_file(room.rows, values)
    return file


@get("/incidents/{incident_id:uuid}/files/{file_id:uuid}")
async def one_file(
    request: AnyRequest, room: TheRoom, seat: TheSeat, incident_id: FromPath[UUID], file_id: FromPath[UUID]
) -> Response[bytes]:
    """A picture to be shown; anything else only to be saved."""
    await find_row(reader_of(room, seat, language_of(request)), incident_id)
    row = await queries.find_file(room.rows, incident_id, file_id)
    if row is None:
        raise NotFound("error.file_not_found")
    shown = "inline" if row["media_type"].startswith("image/") else "attachment"
    headers = {
        "Content-Disposition": f"{shown}; filename*=UTF-8''{quote(row['name'])}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, max-age=86400, immutable",
        "ETag": f'"{row["sha256"].hex()[:24]}"',
    }
    return Response(row["content"], media_type=row["media_type"], headers=headers)


ROUTES = [send_file, one_file]
