"""Previews and differences: a content tried out against what is in force, off the event loop."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

from ondijon.apps.console.parts.programmes import view
from ondijon.apps.console.parts.programmes.shapes import DifferenceShape
from ondijon.apps.console.room import Room, Seat
from ondijon.domains.lighting.desk.programmes.situation import Situation, load_situation, read_content
from ondijon.domains.lighting.model import TRADE
from ondijon.domains.lighting.queries import programmes as queries
from ondijon.domains.lighting.rules.programmes.checks import check_content, communes_of
from ondijon.domains.lighting.rules.programmes.difference import Difference, compare
from ondijon.domains.lighting.rules.programmes.local_times import night_of
from ondijon.domains.lighting.rules.programmes.model import Content
from ondijon.domains.lighting.rules.programmes.preview import YEAR_NIGHTS, Preview, Tariff, preview
from ondijon.domains.lighting.rules.programmes.trial import try_content
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.ports import Row

FURTHEST = timedelta(days=730)
_NO_TARIFF = Tariff(0.0, "")


async def preview_content(
    room: Room, seat: Seat, content: Content, night: date | None, former: Content | None = None
) -> Preview:
    """What a content would do; raises Refused where drafting it would, NotFound for lights that are not seen."""
    situation = await load_situation(room.city, room.rows)
    meant = communes_of(check_content(content, situation.lights), situation.lights)
    if not room.rights.communes_of(seat.scope, TRADE).issuperset(meant):
        raise NotFound(view.UNSEEN)
    tonight = night_of(room.clock.now(), room.city.card.timezone)
    shown = night or tonight
    if abs(shown - tonight) > FURTHEST:
        raise Refused("lighting.refusal.programme_dates", since=shown.isoformat(), until=shown.isoformat())
    tariff = await read_tariff(room, tonight)
    return await asyncio.to_thread(_preview, situation, content, former, (tonight, shown), tariff)


def _preview(
    situation: Situation, content: Content, former: Content | None, nights: tuple[date, date], tariff: Tariff
) -> Preview:
    year = try_content(situation.ground(nights[0], YEAR_NIGHTS), content, former)
    day = try_content(situation.ground(nights[1], 1), content, former)
    return preview(year, day, tariff)


async def read_tariff(room: Room, day: date) -> Tariff:
    """What a kWh costs on a day."""
    rows = await queries.list_tariffs(room.rows)
    return next((Tariff(row["eur_per_kwh"], row["source"]) for row in rows if row["since_day"] <= day), _NO_TARIFF)


async def read_former(room: Room, seat: Seat, row: Row, against: UUID | None) -> Row | None:
    """What a version is compared with: the one named, else the one of its key that is in force, or was before."""
    if against is not None:
        return await view.get_version(room, seat, against)
    rows = await queries.list_versions(room.rows, row["key"])
    older = [one for one in rows if one["number"] < row["number"] and one["decided_at"] is not None]
    accepted = [one for one in older if one["state"] in ("published", "superseded")]
    return next((one for one in accepted if one["state"] == "published"), next(iter(accepted), None))


async def difference(room: Room, seat: Seat, row: Row, against: UUID | None) -> DifferenceShape:
    """What a version changes."""
    former_row = await read_former(room, seat, row, against)
    former = None if former_row is None else read_content(former_row)
    situation = await load_situation(room.city, room.rows)
    tonight = night_of(room.clock.now(), room.city.card.timezone)
    tariff = await read_tariff(room, tonight)
    found = await asyncio.to_thread(_compare, situation, read_content(row), former, tonight, tariff)
    return DifferenceShape(
        against=None if former_row is None else view.brief(former_row),
        lines=found.lines,
        lights_added=found.lights_added,
        lights_removed=found.lights_removed,
        lights=found.lights,
        nights=found.nights,
        segments=found.segments,
        kwh=found.kwh,
        eur=found.eur,
    )


def _compare(
    situation: Situation, content: Content, former: Content | None, tonight: date, tariff: Tariff
) -> Difference:
    ground = situation.without(content.key) if former is None else situation
    return compare(try_content(ground.ground(tonight, YEAR_NIGHTS), content, former), former, tariff)
