"""Classes and floors at the desk: the city's files, the classes of all lights, and a person's word on a street."""

from datetime import timedelta
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta, Struct

from ondijon.domains.lighting.model import TRADE
from ondijon.domains.lighting.queries import classes as queries
from ondijon.domains.lighting.rules.classes import LightingClass
from ondijon.domains.lighting.rules.floors import (
    ClassFloor,
    CommuneFloor,
    FloorTable,
    floor_pct,
    make_table,
    read_floors,
)
from ondijon.domains.lighting.rules.light_classes import (
    LightPlace,
    StreetArc,
    classes_of_streets,
    classify_lights,
    find_on_crossing,
    name_of,
)
from ondijon.kernel.arrays import Floats
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.geo import LocalMetres
from ondijon.kernel.room import ActDesk, ActSpec, JobSpec, SeedSpec

Reason = Annotated[str, Meta(min_length=1, max_length=1_000)]


class SetStreetClass(Struct, frozen=True, forbid_unknown_fields=True):
    """A person's word on the class of a street; None takes it back."""

    commune: Annotated[str, Meta(max_length=10)]
    street: Annotated[str, Meta(min_length=1, max_length=200)]
    lighting_class: LightingClass | None
    reason: Reason


async def load_floors(desk: ActDesk, content: dict[str, Any]) -> None:
    """Bring the floors to lighting_floors.toml; raises Refused when the file is not what it should be."""
    wanted = sorted((one.lighting_class.value, one.kept.value, one.source) for one in read_floors(content))
    known = sorted((row["class"], row["kept"], row["source"]) for row in await queries.list_floors(desk.tx))
    if wanted != known:
        await queries.replace_floors(desk.tx, wanted)


async def load_commune_floors(desk: ActDesk, floors: tuple[CommuneFloor, ...]) -> None:
    """Bring what communes ask for to the city's file; communes that this city does not hold are left out."""
    wanted = [
        (one.commune, one.lighting_class, one.crossings_only, one.least_pct, one.source)
        for one in floors
        if one.commune in desk.city.commune_codes
    ]
    rows = await queries.list_commune_floors(desk.tx)
    known = [(row["commune"], row["class"], row["crossings_only"], row["least_pct"], row["source"]) for row in rows]
    if sorted(map(str, wanted)) != sorted(map(str, known)):
        await queries.replace_commune_floors(desk.tx, wanted)


async def read_table(desk: ActDesk) -> FloorTable:
    """The floors in force, for the city's communes."""
    floors = [ClassFloor(row["class"], row["kept"], row["source"]) for row in await queries.list_floors(desk.tx)]
    rows = await queries.list_commune_floors(desk.tx)
    asked = [
        CommuneFloor(row["commune"], row["least_pct"], row["source"], row["class"], row["crossings_only"])
        for row in rows
    ]
    typed = msgspec.convert(msgspec.to_builtins((floors, asked)), tuple[list[ClassFloor], list[CommuneFloor]])
    return make_table(*typed, desk.city.commune_codes)


async def classify_all(desk: ActDesk) -> None:
    """Make the classes and floors of all lights again when the import, the floors or somebody's word changed."""
    source = await queries.find_source(desk.tx)
    if source == await queries.find_made_from(desk.tx):
        return
    rows = await queries.list_lights(desk.tx)
    arcs = [StreetArc(**row) for row in await queries.list_arcs(desk.tx)]
    said = {(row["commune"], row["street"]): LightingClass(row["class"]) for row in await queries.list_said(desk.tx)}
    crossings = _metres(desk, await queries.list_crossings(desk.tx))
    on_crossing = find_on_crossing(_metres(desk, rows), crossings)
    places = [LightPlace(row["commune"], row["street"], row["surveyed"]) for row in rows]
    found = classify_lights(places, on_crossing, said, classes_of_streets(arcs))
    commune_no = {insee: number for number, insee in enumerate(desk.city.commune_codes)}
    communes = np.array([commune_no[row["commune"]] for row in rows], np.int16)
    floors = floor_pct(await read_table(desk), found.class_no, on_crossing, communes)
    columns = (found.class_no, found.street_class_no, found.inferred, on_crossing, floors)
    lines = [
        (row["twin_no"], name_of(own), name_of(of_street), inferred, crosses, floor)
        for row, own, of_street, inferred, crosses, floor in zip(
            rows, *(column.tolist() for column in columns), strict=True
        )
    ]
    await queries.replace_classes(desk.tx, lines, source, desk.now)
    values = {"lights": len(lines), "inferred": int(found.inferred.sum()), "on_crossing": int(on_crossing.sum())}
    desk.tell("lighting.classes_refreshed", trade=TRADE, commune=None, payload=values)
    desk.announce(TRADE, "classes", TRADE, None)


def _metres(desk: ActDesk, rows: Any) -> Floats:
    degrees = np.array([(row["lon"], row["lat"]) for row in rows], np.float64).reshape(-1, 2)
    return LocalMetres(*desk.city.card.center).to_metres(degrees)


async def set_street_class(desk: ActDesk, asked: SetStreetClass) -> dict[str, Any]:
    """Say, or take back, the class of a street; classes and floors of its lights follow in the same transaction."""
    desk.demand("configure", TRADE, asked.commune)
    if not await queries.is_street(desk.tx, asked.commune, asked.street):
        raise NotFound("lighting.refusal.no_street")
    if not asked.reason.strip():
        raise Refused("error.reason_needed")
    if asked.lighting_class is None:
        await queries.unsay_class(desk.tx, asked.commune, asked.street)
    else:
        said = (asked.commune, asked.street, asked.lighting_class.value, asked.reason.strip())
        await queries.say_class(desk.tx, *said, desk.actor.pseudonym, desk.now)
    values = {"street": asked.street, "class": asked.lighting_class.value if asked.lighting_class else None}
    happened = "lighting.street_class_said" if asked.lighting_class else "lighting.street_class_unsaid"
    desk.tell(happened, trade=TRADE, commune=asked.commune, payload=values)
    desk.announce(TRADE, f"street:{asked.commune}/{asked.street}", TRADE, asked.commune)
    await classify_all(desk)
    return {}


ACTS = (ActSpec("lighting.set_street_class", SetStreetClass, set_street_class),)
JOBS = (JobSpec("lighting.classify_lights", timedelta(seconds=10), classify_all),)
SEEDS = (SeedSpec("lighting_floors.toml", load_floors),)
