"""Why one light is as it is, from what is in force, held, stored and reported."""

from typing import Literal

import numpy as np

from ondijon.apps.console.parts.programmes.shapes import WhyShape
from ondijon.apps.console.room import Room, Seat
from ondijon.domains.lighting.desk.programmes.holidays import holidays_around
from ondijon.domains.lighting.desk.programmes.situation import Situation, load_situation
from ondijon.domains.lighting.model import CABINET, LEVEL_HOLD, STREETLIGHT
from ondijon.domains.lighting.queries import stored_programmes as queries
from ondijon.domains.lighting.rules.programmes.calendar import make_nights
from ondijon.domains.lighting.rules.programmes.explain import (
    Hold,
    Light,
    Now,
    Sentence,
    Stored,
    explain_holds,
    explain_programmes,
    explain_stored,
    settle,
)
from ondijon.domains.lighting.rules.programmes.lights import NOWHERE, rows_in
from ondijon.domains.lighting.rules.programmes.local_times import night_of
from ondijon.kernel.errors import NotFound
from ondijon.kernel.twins import TwinsOfType

_LEVEL = LEVEL_HOLD.properties.index("level_pct")


async def explain(room: Room, seat: Seat, urn: str, language: Literal["fr", "en"]) -> WhyShape:
    """One sentence a layer, lowest first; raises NotFound also for what is no light."""
    twins, row = room.rights.get_visible(seat.scope, urn)
    if twins.twin_type != STREETLIGHT.key:
        raise NotFound("error.twin_not_found", id=urn)
    situation = await load_situation(room.city, room.rows)
    at = room.clock.now()
    night = night_of(at, room.city.card.timezone)
    now = Now(at, make_nights(night, 1, holidays_around(night, night)))
    found = explain_programmes(_light(situation, row, now), now, language)
    number = int(twins.twin_no[row])
    sentences = settle([*found.sentences, *explain_holds(await _holds(room, number))])
    sentences += await _faults(room, twins, row, language)
    sentences.append(explain_stored(await _stored(room, twins, row)))
    reported = room.city.columns[STREETLIGHT.key]["level_pct"][row]
    level = None if np.isnan(reported) else round(float(reported), 1)
    return WhyShape(at, night, found.level_pct, level, found.programme, sentences)


def _light(situation: Situation, row: int, now: Now) -> Light:
    lights = situation.lights
    meant = [content for content in situation.contents if rows_in(content.scope, lights)[row]]
    allowed = [one for one in situation.allowances(now.nights) if one.rows[row] and one.nights[0]]
    lighting_class = int(lights.lighting_class[row])
    return Light(
        tuple(sorted(meant, key=lambda content: content.rank)),
        None if lighting_class == NOWHERE else lights.classes[lighting_class],
        float(lights.floor_pct[row]),
        tuple(one.leave for one in allowed),
        situation.place,
    )


async def _holds(room: Room, number: int) -> list[Hold]:
    held = await queries.list_holds(room.rows, number)
    return [
        Hold(float(row["wanted"][_LEVEL]), row["until"], row["issuer_name"], row["by_rule"])
        for row in held
        if row["hold_group"] == LEVEL_HOLD.key
    ]


async def _faults(room: Room, twins: TwinsOfType, row: int, language: Literal["fr", "en"]) -> list[Sentence]:
    """Alarms that stand on the light or on its cabinet."""
    parent = room.city.twins[CABINET.key].row_of.get(twins.records[row].part_of or "")
    numbers = [int(twins.twin_no[row])]
    if parent is not None:
        numbers.append(int(room.city.twins[CABINET.key].twin_no[parent]))
    words = room.strings[language]
    said = []
    for one in await queries.list_alarms(room.rows, numbers):
        word = words.get("lighting.alarm." + one["type"].partition(".")[2], one["type"])
        said.append(Sentence("fault", "lighting.why.fault", {"alarm": word, "since": one["raised_at"]}))
    return said


async def _stored(room: Room, twins: TwinsOfType, row: int) -> Stored | None:
    gateway = twins.records[row].gateway
    cabinets = room.city.twins[CABINET.key]
    place = next((place for place, one in enumerate(cabinets.records) if gateway and one.gateway == gateway), None)
    if place is None:
        return None
    wanted = await queries.list_wanted(room.rows, [int(cabinets.twin_no[place])])
    reported = room.city.columns[CABINET.key]["programme_version"][place]
    stored = None if np.isnan(reported) else int(reported)
    if not wanted:
        return Stored(None, None, stored)
    return Stored(wanted[0]["version"], wanted[0]["wanted_since"], stored)
