"""Adaptive light at the desk: where it is on, and the ground it may steer."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta, Struct

from ondijon.domains.lighting.desk.classes import classify_all, load_commune_floors
from ondijon.domains.lighting.desk.programmes.situation import load_situation
from ondijon.domains.lighting.model import STREETLIGHT, TRADE
from ondijon.domains.lighting.queries import adaptive as queries
from ondijon.domains.lighting.queries.classes import list_arcs
from ondijon.domains.lighting.rules.floors import CommuneFloor
from ondijon.domains.lighting.rules.light_classes import StreetArc, uses_of_streets
from ondijon.domains.lighting.rules.programmes.local_times import night_of
from ondijon.domains.lighting.rules.programmes.resolve import resolve
from ondijon.domains.lighting.rules.programmes.sun import levels_on
from ondijon.kernel.city import City
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.ports import Rows
from ondijon.kernel.room import ActDesk, ActSpec, SeedSpec
from ondijon.kernel.steering import Ground, GroundSpec, ProgrammeNight, Zone

GROUND = "lighting.zones"
_SEED_REASON = "commune_lighting.toml"


class CommuneLighting(Struct, frozen=True, forbid_unknown_fields=True):
    """commune_lighting.toml: communes where adaptive light is on, and what communes ask for beyond floors."""

    adaptive: tuple[str, ...] = ()
    floors: tuple[CommuneFloor, ...] = ()


class SetAdaptive(Struct, frozen=True, forbid_unknown_fields=True):
    """Switch adaptive light on or off in one commune."""

    commune: Annotated[str, Meta(max_length=10)]
    on: bool
    reason: Annotated[str, Meta(min_length=1, max_length=1_000)]


async def load_commune_lighting(desk: ActDesk, content: dict[str, Any]) -> None:
    """Bring commune floors and switches to the city's file; a switch that a person set stays."""
    try:
        wanted = msgspec.convert(content, CommuneLighting)
    except msgspec.ValidationError as error:
        raise Refused("lighting.refusal.bad_floors", problem=str(error)[:200]) from error
    await load_commune_floors(desk, wanted.floors)
    known = {row["commune"]: row for row in await queries.list_switches(desk.tx)}
    for commune in desk.city.commune_codes:
        is_on, row = commune in wanted.adaptive, known.get(commune)
        was_on = row is not None and row["is_on"]
        if is_on != was_on and (row is None or row["seeded"]):
            await queries.switch(desk.tx, commune, is_on, _SEED_REASON, True, desk.actor.pseudonym, desk.now)
    await classify_all(desk)


async def set_adaptive(desk: ActDesk, asked: SetAdaptive) -> dict[str, Any]:
    """Switch adaptive light on or off; off gives the streets back to their programmes at the next beat."""
    desk.demand("configure", TRADE, asked.commune)
    if asked.commune not in desk.city.commune_codes:
        raise NotFound("error.not_found")
    if not asked.reason.strip():
        raise Refused("error.reason_needed")
    by, why = desk.actor.pseudonym, asked.reason.strip()
    await queries.switch(desk.tx, asked.commune, asked.on, why, False, by, desk.now)
    happened = "lighting.adaptive_switched_on" if asked.on else "lighting.adaptive_switched_off"
    desk.tell(happened, trade=TRADE, commune=asked.commune)
    desk.announce(TRADE, f"adaptive:{asked.commune}", TRADE, asked.commune)
    return {}


async def read_ground(rows: Rows, city: City) -> Ground:
    """Zones of lights of one class on one street of one commune, where adaptive light is on."""
    version = await queries.find_version(rows)
    uses = uses_of_streets(StreetArc(**row) for row in await list_arcs(rows))
    lights = city.twins[STREETLIGHT.key]
    row_of = {number: row for row, number in enumerate(lights.twin_no.tolist())}
    zone_of = np.full(len(lights), -1, np.int32)
    numbers: dict[tuple[str, str, str, float], int] = {}
    zones: list[Zone] = []
    for row in await queries.list_adaptive_lights(rows):
        key = (row["commune"], row["street"], row["class"], row["floor_pct"])
        if key not in numbers:
            numbers[key] = len(zones)
            zones.append(_zone(row, uses[row["commune"], row["street"]]))
        if row["twin_no"] in row_of:
            zone_of[row_of[row["twin_no"]]] = numbers[key]
    return Ground(tuple(zones), zone_of, version)


async def read_night(rows: Rows, city: City, at: datetime) -> ProgrammeNight:
    """What programmes in force ask of each light in the night of an instant."""
    situation = await load_situation(city, rows)
    night = night_of(at, situation.place.timezone)
    nights = situation.nights(night, 1)
    resolution = resolve(situation.lights, situation.contents, nights, situation.allowances(nights))
    profiles = [levels_on(profile, night, situation.place) for profile in resolution.profiles]
    of_signature = resolution.profile_of[resolution.by_night[:, 0]]
    return ProgrammeNight(of_signature[resolution.signatures.of_light].astype(np.int32), tuple(profiles))


def _zone(row: Any, street_class: str) -> Zone:
    return Zone(
        key=f"{row['commune']}/{row['street']}/{row['class']}",
        commune=row["commune"],
        street=row["street"],
        street_class=street_class,
        designed=row["class"],
        street_designed=row["street_class"],
        floor_pct=row["floor_pct"],
    )


ACTS = (ActSpec("lighting.set_adaptive", SetAdaptive, set_adaptive),)
SEEDS = (SeedSpec("commune_lighting.toml", load_commune_lighting),)
GROUNDS = (GroundSpec(GROUND, STREETLIGHT.key, read_ground, queries.find_version, read_night),)
