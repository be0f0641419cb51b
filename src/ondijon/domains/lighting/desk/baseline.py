"""Baselines: the city's file, and what people set instead with a reason and a second person."""

from collections.abc import Sequence
from typing import Any

import msgspec

from ondijon.domains.lighting.model import CABINET, STREETLIGHT
from ondijon.domains.lighting.queries import baseline as queries
from ondijon.domains.lighting.queries import energy
from ondijon.domains.lighting.rules.baseline import (
    BaselineFile,
    BaselineLine,
    Terms,
    check_terms,
    infer_lines,
    terms_of,
)
from ondijon.kernel.errors import Refused
from ondijon.kernel.inventory import AttributeValue
from ondijon.kernel.ports import Row
from ondijon.kernel.room import ActDesk, SeedSpec


async def load_baselines(desk: ActDesk, content: dict[str, Any]) -> None:
    """Give each commune the file's baseline, unless it has one of this file's words, or a person's.

    Lights that come or go later change no baseline: they are adjustments. Raises Refused when the file is not what it
    should be.
    """
    file = read_file(content)
    said = msgspec.json.encode(file).decode()
    standing = {row["commune"]: row["terms"] for row in await queries.list_standing_terms(desk.tx)}
    wanted = [one for one in desk.city.commune_codes if one not in standing or standing[one] not in (said, None)]
    if not wanted:
        return
    by_commune = _lights_by_commune(desk)
    for commune in wanted:
        lights = by_commune.get(commune, [])
        if not lights:
            continue
        version = 1 + await queries.lock_commune(desk.tx, commune)
        await queries.supersede(desk.tx, commune)
        baseline = desk.new_id()
        words = (file.source, True, "", said)
        place = (commune, version, "standing")
        by = desk.actor.pseudonym
        await queries.insert_baseline(desk.tx, baseline, place, terms_of(file), words, by, desk.now)
        await queries.insert_lines(desk.tx, baseline, infer_lines(file.family, lights))
        cabinets = sorted({cabinet for cabinet, _ in lights})
        await energy.mark_every_year_due(desk.tx, commune, cabinets, desk.now)


def read_file(content: dict[str, Any]) -> BaselineFile:
    """A city's lighting_baseline.toml; raises Refused."""
    try:
        return msgspec.convert(content, BaselineFile)
    except msgspec.ValidationError as error:
        raise Refused("error.lighting_bad_baseline_file", problem=str(error)[:200]) from error


def _lights_by_commune(desk: ActDesk) -> dict[str, list[tuple[int, dict[str, AttributeValue]]]]:
    if CABINET.key not in desk.city.twins:
        return {}
    cabinets = desk.city.twins[CABINET.key]
    found: dict[str, list[tuple[int, dict[str, AttributeValue]]]] = {}
    for light in desk.city.twins[STREETLIGHT.key].records:
        row = cabinets.row_of.get(light.part_of or "")
        if row is not None:
            lights = found.setdefault(cabinets.records[row].commune, [])
            lights.append((int(cabinets.twin_no[row]), light.attributes))
    return found


def terms_of_row(row: Row) -> Terms:
    """The terms of a baseline's row."""
    return check_terms(Terms(**{name: row[name] for name in Terms.__struct_fields__}))


def lines_of(rows: Sequence[Row]) -> list[BaselineLine]:
    """The lines of their rows."""
    return [BaselineLine(**{name: row[name] for name in BaselineLine.__struct_fields__}) for row in rows]


SEEDS = (SeedSpec("lighting_baseline.toml", load_baselines),)
