"""Baselines: the city's file, and what people set instead with a reason and a second person."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from ondijon.domains.lighting.model import CABINET, STREETLIGHT, TRADE
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
from ondijon.kernel.city import City
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.inventory import AttributeValue
from ondijon.kernel.ports import Row
from ondijon.kernel.room import ActDesk, ActSpec, SeedSpec

Words = Annotated[str, Meta(min_length=1, max_length=2_000)]


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


class FamilySaid(Struct, frozen=True, forbid_unknown_fields=True):
    """Another power or ballast for a family of the standing baseline."""

    family: Annotated[str, Meta(max_length=60)]
    power_w: Annotated[float, Meta(gt=0, le=5_000)]
    ballast_factor: Annotated[float, Meta(ge=1, le=2)]


class SetBaseline(Struct, frozen=True, forbid_unknown_fields=True):
    """A commune's baseline as somebody knows it; families that are not named stay as they stand."""

    commune: Annotated[str, Meta(max_length=10)]
    source: Words
    reason: Words
    valid_from: date
    metered_from: date | None
    metered_until: date | None
    hours_h: float
    eur_per_kwh: float
    eur_source: Words
    families: Annotated[tuple[FamilySaid, ...], Meta(max_length=50)] = ()


class DecideBaseline(Struct, frozen=True, forbid_unknown_fields=True):
    """The second person's word on a proposed baseline."""

    id: UUID
    approve: bool
    reason: Annotated[str, Meta(max_length=2_000)] = ""


class AdjustBaseline(Struct, frozen=True, forbid_unknown_fields=True):
    """Lights that came or went at a cabinet, or a change that is not routine; power_w: all together, with ballast."""

    cabinet: str
    kind: Literal["routine", "non_routine"]
    from_day: date
    until_day: date | None
    lights: Annotated[int, Meta(ge=-1_000, le=1_000)]
    power_w: Annotated[float, Meta(ge=-200_000, le=200_000)]
    reason: Words
    source: Words


async def set_baseline(desk: ActDesk, asked: SetBaseline) -> dict[str, Any]:
    """Propose a baseline; it stands once somebody else has approved it."""
    desk.demand("configure", TRADE, asked.commune)
    standing = await queries.find_standing(desk.tx, asked.commune)
    if standing is None:
        raise NotFound("error.lighting_saving_not_found")
    said = {name: getattr(asked, name) for name in Terms.__struct_fields__ if hasattr(asked, name)}
    terms = check_terms(replace(terms_of_row(standing), **said))
    families = {one.family: one for one in asked.families}
    lines = []
    for line in lines_of(await queries.list_lines(desk.tx, standing["id"])):
        new = families.get(line.family)
        lines.append(replace(line, power_w=new.power_w, ballast_factor=new.ballast_factor) if new else line)
    unknown = set(families) - {line.family for line in lines}
    if unknown:
        raise Refused("error.lighting_bad_family", family=min(unknown))
    version = 1 + await queries.lock_commune(desk.tx, asked.commune)
    baseline = desk.new_id()
    words = (asked.source.strip(), False, asked.reason.strip(), None)
    place = (asked.commune, version, "proposed")
    await queries.insert_baseline(desk.tx, baseline, place, terms, words, desk.actor.pseudonym, desk.now)
    await queries.insert_lines(desk.tx, baseline, lines)
    _tell(desk, "lighting.baseline_proposed", asked.commune, baseline, version)
    return {"id": baseline, "version": version}


async def decide_baseline(desk: ActDesk, asked: DecideBaseline) -> dict[str, Any]:
    """Let a proposed baseline stand, or not; never by who proposed it."""
    row = await queries.lock_proposed(desk.tx, asked.id)
    if row is None:
        desk.demand("see", TRADE, None, unseen="error.lighting_baseline_unseen")
        raise NotFound("error.lighting_baseline_unseen")
    commune, version = row["commune"], row["version"]
    desk.demand("approve", TRADE, commune, unseen="error.lighting_baseline_unseen")
    if row["proposed_by"] == desk.actor.pseudonym:
        raise Refused("error.self_approval")
    if not asked.approve and not asked.reason.strip():
        raise Refused("error.reason_needed")
    if asked.approve:
        await queries.supersede(desk.tx, commune)
    state = "standing" if asked.approve else "rejected"
    await queries.decide(desk.tx, asked.id, state, desk.actor.pseudonym, desk.now)
    await energy.mark_every_year_due(desk.tx, commune, cabinets_of(desk.city, commune), desk.now)
    _tell(desk, f"lighting.baseline_{'approved' if asked.approve else 'rejected'}", commune, asked.id, version)
    return {"state": state}


async def adjust_baseline(desk: ActDesk, asked: AdjustBaseline) -> dict[str, Any]:
    """Say what changed at a cabinet beside the renewal; every year of the commune is proved again."""
    cabinets = desk.city.twins.get(CABINET.key)
    row = None if cabinets is None else cabinets.row_of.get(asked.cabinet)
    # In the same words for one that may not be seen and one that is not there.
    if cabinets is None or row is None or not desk.actor.may("see", TRADE, cabinets.records[row].commune):
        raise NotFound("error.twin_not_found", id=asked.cabinet)
    commune = cabinets.records[row].commune
    desk.demand("configure", TRADE, commune)
    if asked.until_day is not None and asked.until_day < asked.from_day:
        raise Refused("error.lighting_bad_baseline")
    adjustment = desk.new_id()
    values = (adjustment, int(cabinets.twin_no[row]), commune, asked.kind, asked.from_day, asked.until_day)
    said = (asked.lights, asked.power_w, asked.reason.strip(), asked.source.strip())
    await energy.insert_adjustment(desk.tx, (*values, *said, desk.now, desk.actor.pseudonym))
    await energy.mark_every_year_due(desk.tx, commune, cabinets_of(desk.city, commune), desk.now)
    values_told = {"lights": asked.lights, "power_w": asked.power_w, "from_day": asked.from_day.isoformat()}
    subject = f"energy:{commune}"
    desk.tell(
        "lighting.baseline_adjusted",
        trade=TRADE,
        commune=commune,
        subject=subject,
        twin=asked.cabinet,
        payload=values_told,
    )
    desk.announce(TRADE, subject, TRADE, commune)
    return {"id": adjustment}


def cabinets_of(city: City, commune: str) -> list[int]:
    """The numbers of a commune's cabinets, in order."""
    cabinets = city.twins[CABINET.key]
    code = city.commune_codes.index(commune)
    return sorted(cabinets.twin_no[cabinets.commune == code].tolist())


def _tell(desk: ActDesk, key: str, commune: str, baseline: UUID, version: int) -> None:
    subject = f"baseline:{baseline}"
    desk.tell(key, trade=TRADE, commune=commune, subject=subject, payload={"version": version})
    desk.announce(TRADE, f"energy:{commune}", TRADE, commune)


ACTS = (
    ActSpec("lighting.set_baseline", SetBaseline, set_baseline),
    ActSpec("lighting.decide_baseline", DecideBaseline, decide_baseline),
    ActSpec("lighting.adjust_baseline", AdjustBaseline, adjust_baseline),
)
SEEDS = (SeedSpec("lighting_baseline.toml", load_baselines),)
