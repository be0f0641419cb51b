"""What time brings to energy: nights are rolled up, savings proved again where something changed."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from msgspec import to_builtins

from ondijon.domains.lighting.desk.baseline import cabinets_of, lines_of, terms_of_row
from ondijon.domains.lighting.model import CABINET, STREETLIGHT, TRADE
from ondijon.domains.lighting.queries import baseline as baselines
from ondijon.domains.lighting.queries import energy as queries
from ondijon.domains.lighting.rules.baseline import BaselineLine, Terms
from ondijon.domains.lighting.rules.energy.commune import CommuneNights, CommuneYear, prove_commune
from ondijon.domains.lighting.rules.energy.counters import CounterReadings, roll_up
from ondijon.domains.lighting.rules.energy.nights import list_nights, lit_hours, night_of, noon_of, noons_us
from ondijon.domains.lighting.rules.energy.periods import Change
from ondijon.kernel.city import City
from ondijon.kernel.ports import Row
from ondijon.kernel.room import ActDesk, JobSpec

# After its end a night is rolled up at these ages: what came late is in the next run.
AGES = (timedelta(minutes=20), timedelta(hours=6), timedelta(days=1), timedelta(days=2), timedelta(days=8))
AT_ONCE = 40
# A cabinet whose contract is unknown cannot draw more than this.
MOST_KW, OVER_CONTRACT = 60.0, 1.5


async def roll_up_nights(desk: ActDesk) -> None:
    """Roll up the next cabinets of the oldest night that is due; some tenths of a second at most."""
    zone = ZoneInfo(desk.city.card.timezone)
    last = night_of(desk.now, zone) - timedelta(days=1)
    known = {row["night"]: row for row in await queries.list_runs(desk.tx, last - timedelta(days=10))}
    for night in list_nights(last - timedelta(days=9), last):
        row = known.get(night)
        wanted = runs_due(noon_of(night + timedelta(days=1), zone), desk.now)
        if wanted > (row["runs"] if row else 0):
            await _roll_up_some(desk, night, row, wanted, zone)
            return


def runs_due(ended_at: datetime, now: datetime) -> int:
    """How many times a night that ended then should have been rolled up by now."""
    return sum(now - ended_at >= age for age in AGES)


async def _roll_up_some(desk: ActDesk, night: date, row: Row | None, wanted: int, zone: ZoneInfo) -> None:
    after_no = row["after_no"] if row else 0
    cabinets = desk.city.twins[CABINET.key]
    rows = np.flatnonzero(cabinets.twin_no > after_no)
    rows = rows[np.argsort(cabinets.twin_no[rows])][:AT_ONCE]
    if len(rows) == 0:
        await queries.save_run(desk.tx, night, wanted, 0)
        return
    twins: list[int] = cabinets.twin_no[rows].tolist()
    contract = np.nan_to_num(cabinets.numbers("contract_power_kw")[rows] * OVER_CONTRACT, nan=MOST_KW)
    number = desk.city.property_nos[CABINET.key, "energy_kwh"]
    bounds = noon_of(night, zone), noon_of(night + timedelta(days=1), zone)
    found = await queries.list_counter_readings(desk.tx, number, twins, *bounds)
    if found:
        readings = CounterReadings(
            np.array([one["twin_no"] for one in found], np.int32),
            np.array([one["at_us"] for one in found], np.int64),
            np.array([one["kwh"] for one in found], np.float64),
        )
        rolled = roll_up(readings, noons_us(night, night, zone), dict(zip(twins, contract.tolist(), strict=True)))
        whole = zip(rolled.twin_no.tolist(), rolled.kwh[:, 0].tolist(), rolled.coverage[:, 0].tolist(), strict=True)
        saved = [
            (twin, night, kwh if kwh == kwh else None, coverage) for twin, kwh, coverage in whole if coverage > 0.0
        ]
        changed = await queries.save_nights(desk.tx, saved) if saved else []
        commune_of = {int(cabinets.twin_no[one]): cabinets.records[one].commune for one in rows.tolist()}
        pairs = sorted({(commune_of[twin], changed_night.year) for twin, changed_night in changed})
        await queries.mark_due(desk.tx, pairs, desk.now)
    await queries.save_run(desk.tx, night, row["runs"] if row else 0, twins[-1])


async def prove_savings(desk: ActDesk) -> None:
    """Prove one commune's year again, the one that has waited longest."""
    due = await queries.take_due(desk.tx)
    if due is None:
        return
    commune, year = due["commune"], due["year"]
    standing = await baselines.find_standing(desk.tx, commune)
    found = None if standing is None else await _prove(desk, commune, year, standing)
    if standing is None or found is None:
        await queries.delete_saving(desk.tx, commune, year)
    else:
        await queries.save_saving(desk.tx, commune, year, standing["id"], desk.now, to_builtins(found))
        twins, pct = [one.twin_no for one in found.cabinets], [one.saving_pct for one in found.cabinets]
        await queries.save_cabinet_savings(desk.tx, twins, pct, found.since_day, found.until_day)
    desk.announce(TRADE, f"energy:{commune}:{year}", TRADE, commune)


async def _prove(desk: ActDesk, commune: str, year: int, standing: Row) -> CommuneYear | None:
    terms, lines = terms_of_row(standing), lines_of(await baselines.list_lines(desk.tx, standing["id"]))
    twins = cabinets_of(desk.city, commune)
    until = min(date(year, 12, 31), night_of(desk.now, ZoneInfo(desk.city.card.timezone)) - timedelta(days=1))
    period = await _read_nights(desk, twins, terms, (max(date(year, 1, 1), terms.valid_from), until))
    if period is None:
        return None
    before = None
    if terms.metered_from is not None and terms.metered_until is not None:
        before = await _read_nights(desk, twins, terms, (terms.metered_from, terms.metered_until))
    changes = await queries.list_adjustments(desk.tx, commune)
    return prove_commune(
        twins=twins,
        lights=_count_lights(desk.city, twins),
        connected_kw=_connected(twins, lines),
        before=before,
        period=period,
        changes=_read_changes(twins, changes),
        eur_per_kwh=terms.eur_per_kwh,
        baseline_inferred=standing["inferred"],
    )


def _count_lights(city: City, twins: Sequence[int]) -> list[int]:
    cabinets, counts = city.twins[CABINET.key], dict.fromkeys(twins, 0)
    number_of = {record.id: int(number) for record, number in zip(cabinets.records, cabinets.twin_no, strict=True)}
    for record in city.twins[STREETLIGHT.key].records:
        cabinet = number_of.get(record.part_of or "")
        if cabinet in counts:
            counts[cabinet] += 1
    return [counts[twin] for twin in twins]


def _connected(twins: Sequence[int], lines: Sequence[BaselineLine]) -> list[float]:
    kw = dict.fromkeys(twins, 0.0)
    for line in lines:
        if line.cabinet in kw:
            kw[line.cabinet] += line.load_kw
    return [kw[twin] for twin in twins]


def _read_changes(twins: Sequence[int], rows: Sequence[Row]) -> list[Change]:
    row_of = {twin: row for row, twin in enumerate(twins)}
    return [
        Change(row_of[one["cabinet"]], one["from_day"], one["until_day"], one["power_w"] / 1_000.0)
        for one in rows
        if one["cabinet"] in row_of
    ]


async def _read_nights(
    desk: ActDesk, twins: Sequence[int], terms: Terms, bounds: tuple[date, date]
) -> CommuneNights | None:
    """The period from its first metered night on; None when there is none."""
    since, until = bounds
    if since > until:
        return None
    rows = await queries.list_nights(desk.tx, twins, since, until)
    if not rows:
        return None
    days = list_nights(since, until)
    kwh, coverage = np.full((len(twins), len(days)), np.nan), np.zeros((len(twins), len(days)))
    row_of = {twin: row for row, twin in enumerate(twins)}
    for found in rows:
        place = row_of[found["twin_no"]], np.array(found["day"], np.int64)
        kwh[place] = np.array(found["kwh"], np.float64)
        coverage[place] = np.array(found["coverage"], np.float64)
    seen = np.flatnonzero(np.isfinite(kwh).any(axis=0))
    if len(seen) == 0:
        return None
    first = int(seen[0])
    return CommuneNights(
        days=days[first:],
        kwh=kwh[:, first:],
        coverage=coverage[:, first:],
        dark_h=lit_hours(days[first:], desk.city.card.center, terms.lit_rule),
        is_simulated=any(found["is_simulated"] for found in rows),
    )


JOBS = (
    JobSpec("lighting.roll_up_nights", timedelta(seconds=5), roll_up_nights),
    JobSpec("lighting.prove_savings", timedelta(seconds=2), prove_savings),
)
