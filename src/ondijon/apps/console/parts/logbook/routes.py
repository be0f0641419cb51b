"""The logbook: pages of it, exports, and the key that signs them."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.params import FromQuery, QueryParameter
from msgspec import Meta, Struct

from ondijon.apps.console.parts.logbook.export import Period, export_json, export_pdf
from ondijon.apps.console.parts.logbook.shapes import KeyShape, LinesShape
from ondijon.apps.console.parts.logbook.view import read_page
from ondijon.apps.console.room import TheRoom, TheSeat
from ondijon.control_room.logbook.desk.finding import Asked
from ondijon.control_room.logbook.model import Kind
from ondijon.control_room.logbook.rules.search import Filters
from ondijon.kernel.errors import Refused
from ondijon.web.signing import SealingKey, fingerprint

Language = Literal["fr", "en"]
Since = Annotated[datetime, QueryParameter(name="from")]
Until = Annotated[datetime, QueryParameter(name="to")]
AnyRequest = Request[Any, Any, Any]


class LineQuery(Struct, frozen=True, rename={"since": "from", "until": "to"}):
    """What a page of the logbook is asked for with."""

    q: Annotated[str, Meta(max_length=200)] = ""
    since: datetime | None = None
    until: datetime | None = None
    kind: Kind | None = None
    trade: str | None = None
    commune: str | None = None
    subject: str | None = None
    before: int | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    lang: Language = "fr"

    def to_asked(self) -> Asked:
        filters = Filters(self.kind, self.trade, self.commune, self.subject)
        return Asked(self.q, filters, _aware(self.since), _aware(self.until), self.before)


@get("/logbook")
async def read_logbook(room: TheRoom, seat: TheSeat, request: AnyRequest) -> LinesShape:
    """Lines that answer, newest first."""
    try:
        asked = msgspec.convert(dict(request.query_params), LineQuery, strict=False)
    except msgspec.ValidationError as error:
        raise Refused("error.bad_request") from error
    return await read_page(room, seat.scope, asked.to_asked(), asked.limit, asked.lang)


@get("/logbook/export.json")
async def export_signed(
    room: TheRoom, seat: TheSeat, state: State, since: Since, until: Until, lang: FromQuery[Language] = "fr"
) -> Response[bytes]:
    """The lines of a period that the person may take out, signed."""
    document = await export_json(room, seat, _key(state), Period(_must(since), _must(until)), lang)
    return _file(document, "application/json", "logbook.json")


@get("/logbook/export.pdf")
async def export_printed(
    room: TheRoom, seat: TheSeat, since: Since, until: Until, lang: FromQuery[Language] = "fr"
) -> Response[bytes]:
    """The lines of a period that the person may take out, for paper."""
    document = await export_pdf(room, seat, Period(_must(since), _must(until)), lang)
    return _file(document, "application/pdf", "logbook.pdf")


@get("/logbook/key")
async def show_key(room: TheRoom, seat: TheSeat, state: State) -> KeyShape:
    """The public half of the key that signs exports."""
    public_key = _key(state).public_key
    return KeyShape(public_key, fingerprint(public_key))


def _key(state: State) -> SealingKey:
    key: SealingKey | None = state.get("logbook_key")
    if key is None:
        raise Refused("error.logbook_no_key")
    return key


def _aware(at: datetime | None) -> datetime | None:
    if at is not None and at.tzinfo is None:
        raise Refused("error.logbook_bad_period")
    return at


def _must(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise Refused("error.logbook_bad_period")
    return at


def _file(content: bytes, media_type: str, name: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


ROUTES = [read_logbook, export_signed, export_printed, show_key]
