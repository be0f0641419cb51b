"""Lights leave the room as a table (RFC 4180): asked for by right, audited, written in pieces."""

import asyncio
import csv
from collections.abc import AsyncIterator, Callable, Sequence
from io import StringIO

import numpy as np
from msgspec import Struct

from ondijon.apps.console.downloads import plain_words
from ondijon.apps.console.parts.lighting.cabinets import Lights, read_lights
from ondijon.apps.console.room import Room, Seat
from ondijon.apps.console.tables import street_name
from ondijon.domains.lighting.model import CABINET, CONTROL, STREETLIGHT, TRADE
from ondijon.kernel.arrays import Ints32
from ondijon.kernel.city import City
from ondijon.kernel.clock import from_us
from ondijon.kernel.commands import Selection
from ondijon.kernel.errors import NotAllowed, NotFound
from ondijon.kernel.identity import Verb
from ondijon.kernel.inventory import TwinRecord
from ondijon.kernel.readings import NEVER
from ondijon.kernel.selection import select_rows
from ondijon.web.rights import Scope

MEDIA_TYPE = "text/csv; charset=utf-8"
# So that a spreadsheet takes it for UTF-8.
BOM = "\ufeff"
_AT_ONCE = 2_000
Cell = str | float | int | bool | None


class Column(Struct, frozen=True):
    """A column: its stable key, unit in the name, and what stands in it for a light."""

    key: str
    of: Callable[["Sheet", int, TwinRecord], Cell]


class Sheet(Struct, frozen=True, eq=False):
    """What cells are read from."""

    city: City
    lights: Lights
    energy_kwh: Sequence[float]
    control: Sequence[float]
    observed_us: Sequence[int]


def select_seen(room: Room, scope: Scope, targets: Selection) -> Ints32:
    """The rows of the lights that are meant and may be seen; raises NotFound when there is none."""
    room.rights.get_visible_type(scope, STREETLIGHT.key)
    for urn in targets.ids if targets.kind in ("twins", "part_of") else ():
        room.rights.get_visible(scope, urn)
    rows = select_rows(room.city, STREETLIGHT.key, targets)
    rows = rows[room.rights.mask(scope, STREETLIGHT.key)[rows]]
    if not len(rows):
        raise NotFound("error.no_targets")
    return rows


async def export_lights(room: Room, seat: Seat, targets: Selection, *, bom: bool) -> AsyncIterator[bytes]:
    """The lights that the person may take out, by name; audited before the first byte leaves."""
    rows = select_seen(room, seat.scope, targets)
    verb: Verb = "export"
    rows = rows[room.rights.mask(room.rights.scope_of(seat.person.actor, verb), STREETLIGHT.key)[rows]]
    if not len(rows):
        raise NotAllowed("error.not_allowed", verb=verb, trade=TRADE, commune="*")
    twins = room.city.twins[STREETLIGHT.key]
    communes = [room.city.commune_codes[code] for code in np.unique(twins.commune[rows]).tolist()]
    detail = {"form": "csv", "lights": len(rows), "communes": communes}
    await room.post.record_act(seat.person.actor, "lighting.exported", TRADE, detail)
    return write(open_sheet(room.city, room.clock.now_us()), rows, bom=bom)


def open_sheet(city: City, now_us: int) -> Sheet:
    """Everything that cells are read from, as it is now."""
    columns = city.columns[STREETLIGHT.key]
    observed_us = columns.observed_us[columns.property_index["level_pct"]].tolist()
    return Sheet(
        city, read_lights(city, now_us), columns["energy_kwh"].tolist(), columns["control"].tolist(), observed_us
    )


async def write(sheet: Sheet, rows: Ints32, *, bom: bool) -> AsyncIterator[bytes]:
    """The head, then the rows in pieces, each made beside the loop."""
    yield ((BOM if bom else "") + ",".join(column.key for column in COLUMNS) + "\r\n").encode()
    for start in range(0, len(rows), _AT_ONCE):
        yield await asyncio.to_thread(_write_rows, sheet, rows[start : start + _AT_ONCE].tolist())


def _write_rows(sheet: Sheet, rows: Sequence[int]) -> bytes:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    records = sheet.city.twins[STREETLIGHT.key].records
    writer.writerows([_spell(column.of(sheet, row, records[row])) for column in COLUMNS] for row in rows)
    return text.getvalue().encode()


def _spell(cell: Cell) -> str:
    """Decimal points, `true` and `false`, nothing for what is not known, no formulas."""
    if cell is None or cell != cell:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str):
        return plain_words(cell)
    return f"{cell:.10g}" if isinstance(cell, float) else str(cell)


def _attribute(key: str) -> Column:
    return Column(key, lambda sheet, row, record: record.attributes.get(key))


def _cabinet(sheet: Sheet, row: int, record: TwinRecord) -> Cell:
    cabinets = sheet.city.twins[CABINET.key]
    at = cabinets.row_of.get(record.part_of or "")
    return None if at is None else cabinets.records[at].name


def _control(sheet: Sheet, row: int, record: TwinRecord) -> Cell:
    value = sheet.control[row]
    return None if value != value else CONTROL[int(value)]


def _observed_at(sheet: Sheet, row: int, record: TwinRecord) -> Cell:
    return None if sheet.observed_us[row] == NEVER else from_us(sheet.observed_us[row]).isoformat()


COLUMNS = (
    Column("id", lambda sheet, row, record: record.id),
    Column("name", lambda sheet, row, record: record.name),
    Column("commune_insee", lambda sheet, row, record: record.commune),
    Column("street", lambda sheet, row, record: street_name(sheet.city, record.street_id)),
    Column("longitude_deg", lambda sheet, row, record: record.position[0]),
    Column("latitude_deg", lambda sheet, row, record: record.position[1]),
    Column("cabinet", _cabinet),
    *(_attribute(spec.key) for spec in STREETLIGHT.attributes),
    Column("level_pct", lambda sheet, row, record: round(float(sheet.lights.level_pct[row]), 2)),
    Column("asked_power_w", lambda sheet, row, record: round(float(sheet.lights.asked_w[row]), 2)),
    Column("power_w", lambda sheet, row, record: round(float(sheet.lights.drawn_w[row]), 2)),
    Column("energy_kwh", lambda sheet, row, record: round(sheet.energy_kwh[row], 3)),
    Column("control", _control),
    Column("fault_priority", lambda sheet, row, record: int(sheet.lights.fault[row])),
    Column("level_observed_at", _observed_at),
)
