"""Savings as somebody with given rights sees them."""

from collections.abc import Mapping, Sequence

import msgspec

from ondijon.apps.console.parts.energy.shapes import (
    AdjustmentShape,
    BaselineShape,
    CabinetShape,
    FamilyShape,
    SavingShape,
    SavingsShape,
    YearShape,
)
from ondijon.apps.console.room import Room, Seat
from ondijon.domains.lighting.model import CABINET, TRADE
from ondijon.domains.lighting.queries import baseline as baselines
from ondijon.domains.lighting.queries import energy as queries
from ondijon.domains.lighting.rules.energy.commune import CommuneYear
from ondijon.domains.lighting.rules.energy.saving import Proof, add_proofs
from ondijon.domains.lighting.rules.energy.sentence import Sentence, decide_sentence
from ondijon.kernel.errors import NotFound
from ondijon.kernel.i18n import LANGUAGES, say
from ondijon.kernel.identity import Verb
from ondijon.kernel.ports import Row

ALL = "*"


async def list_savings(room: Room, seat: Seat) -> SavingsShape:
    """Every year that was proved, of the communes that the person sees, and their totals."""
    seen = room.rights.communes_of(seat.scope, TRADE)
    rows = await queries.list_savings(room.rows, sorted(seen))
    names = {commune.insee: commune.name for commune in room.city.communes}
    by_year: dict[int, list[CommuneYear]] = {}
    savings = []
    for row in rows:
        found = msgspec.convert(row["content"], CommuneYear)
        by_year.setdefault(row["year"], []).append(found)
        savings.append(_line(row["commune"], names[row["commune"]], row["year"], found))
    totals = [_total(year, years) for year, years in sorted(by_year.items(), reverse=True)]
    return SavingsShape(savings, totals, len(seen), len(seen) == len(room.city.communes))


def _line(commune: str, name: str, year: int, found: CommuneYear) -> SavingShape:
    sentence = decide_sentence(found.proof, found.nights, found.baseline_inferred)
    return _shape(commune, name, year, found.proof, sentence, found.eur, found.is_simulated)


def _total(year: int, years: Sequence[CommuneYear]) -> SavingShape:
    proof = add_proofs([one.proof for one in years])
    sentence = decide_sentence(proof, min(one.nights for one in years), any(one.baseline_inferred for one in years))
    eur, simulated = sum(one.eur for one in years), any(one.is_simulated for one in years)
    return _shape(ALL, "", year, proof, sentence, eur, simulated)


def _shape(
    commune: str, name: str, year: int, proof: Proof, sentence: Sentence, eur: float, simulated: bool
) -> SavingShape:
    return SavingShape(
        commune=commune,
        name=name,
        year=year,
        lights=proof.lights,
        baseline_kwh=proof.baseline_kwh,
        measured_kwh=proof.measured_kwh,
        saving_kwh=proof.saving_kwh,
        saving_pct=proof.saving_pct,
        margin_pct=proof.saving_pct_margin,
        eur=eur,
        coverage=proof.coverage,
        verdict=sentence.verdict,
        simulated=simulated,
    )


async def get_year(room: Room, seat: Seat, commune: str, year: int) -> YearShape:
    """A commune's year in full; raises NotFound."""
    name = next((one.name for one in room.city.communes if one.insee == commune), None)
    if name is None or not room.rights.sees(seat.scope, TRADE, commune):
        raise NotFound("error.commune_not_found", commune=commune[:5])
    row = await queries.find_saving(room.rows, commune, year)
    if row is None:
        raise NotFound("error.lighting_saving_not_found")
    found = msgspec.convert(row["content"], CommuneYear)
    versions = [_baseline(one) for one in await baselines.list_versions(room.rows, commune)]
    families = await baselines.sum_families(room.rows, row["baseline"])
    sentence = decide_sentence(found.proof, found.nights, found.baseline_inferred)

    def may(verb: Verb) -> bool:
        return seat.person.actor.may(verb, TRADE, commune)

    return YearShape(
        commune=commune,
        name=name,
        year=year,
        proved_at=row["proved_at"],
        verdict=sentence.verdict,
        may_be_said=sentence.may_be_said,
        sentence=say_sentence(room.strings, sentence, name, year, found.is_simulated),
        found=msgspec.structs.replace(found, cabinets=[]),
        cabinets=_cabinets(room, found),
        baseline=next(one for one in versions if one.id == row["baseline"]),
        families=[_family(one) for one in families],
        versions=versions,
        adjustments=[_adjustment(one) for one in await queries.list_adjustments(room.rows, commune)],
        may_configure=may("configure"),
        may_approve=may("approve"),
        may_export=may("export"),
    )


def say_sentence(
    words: Mapping[str, Mapping[str, str]], sentence: Sentence, place: str, year: int, simulated: bool
) -> dict[str, str]:
    """The sentence in each language, numbers as that language writes them."""
    said = {}
    for language in LANGUAGES:
        values = {key: _number(value, language) for key, value in sentence.values.items()}
        text = say(
            words[language], f"lighting.energy.said.{sentence.verdict}", {**values, "place": place, "year": year}
        )
        said[language] = say(words[language], "lighting.energy.said.simulated", {"said": text}) if simulated else text
    return said


def _number(value: float, language: str) -> str:
    text = f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
    return text.replace(",", "\u202f").replace(".", ",") if language == "fr" else text


def _cabinets(room: Room, found: CommuneYear) -> list[CabinetShape]:
    cabinets = room.city.twins[CABINET.key]
    record_of = dict(zip(cabinets.twin_no.tolist(), cabinets.records, strict=True))
    return [
        CabinetShape(**msgspec.structs.asdict(one), id=record_of[one.twin_no].id, name=record_of[one.twin_no].name)
        for one in found.cabinets
        if one.twin_no in record_of
    ]


def _baseline(row: Row) -> BaselineShape:
    named = {"proposed_by": row["proposed_by_name"], "decided_by": row["decided_by_name"]}
    fields = {name: row[name] for name in BaselineShape.__struct_fields__ if name not in named}
    return BaselineShape(**fields, **named)


def _family(row: Row) -> FamilyShape:
    load_kw = row["power_w"] * row["ballast_factor"] * row["lights"] / 1_000.0
    return FamilyShape(row["family"], row["power_w"], row["ballast_factor"], row["lights"], load_kw)


def _adjustment(row: Row) -> AdjustmentShape:
    fields = {name: row[name] for name in AdjustmentShape.__struct_fields__ if name != "cabinet"}
    return AdjustmentShape(**fields, cabinet=row["urn"])
