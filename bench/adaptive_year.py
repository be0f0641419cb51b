"""A year of adaptive light on the generated city against sodium, LED alone and a careful programme; three LED sets."""

import argparse
import asyncio
import csv
import secrets
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from bench.stage import CITY, publish
from bench.streets_of_city import Ground, read_ground
from ondijon.automations.adaptive_lighting.steer import AdaptiveSteerer
from ondijon.cli.places import read_card
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.simulator.year import LUMINAIRES, SCENARIOS, Ledger, YearOptions, play_year
from ondijon.simulator.year.luminaires import COMPREHENSIVE_LM_PER_W, CORE_LM_PER_W
from ondijon.simulator.year.street import SOURCES

LIMIT_PCT = 75.0
FIRST = date(2027, 1, 1)
SHOWN_EVERY = 30


def tell(ground: Ground, ledger: Ledger) -> dict[str, Any]:
    """Print the year; the figures for the record."""
    for key, text in SOURCES.items():
        print(f"assumption {key}: {text}")
    print(f"{len(ground.zones)} zones on {len(ground.streets.x_m)} streets, {int(ground.streets.lights.sum())} lights")
    steered = 100.0 * ledger.steered_min / max(ledger.lit_min, 1)
    print(f"lit {ledger.lit_min / 60.0:.0f} h, steered {steered:.2f} % of it")
    savings = {luminaires: _tell_savings(ledger, luminaires) for luminaires in LUMINAIRES}
    core = COMPREHENSIVE_LM_PER_W / CORE_LM_PER_W
    for luminaires in LUMINAIRES[1:]:
        saved_pct = ledger.saving_pct("adaptive", luminaires, core)
        print(f"{luminaires}, by the core criterion ({CORE_LM_PER_W:.0f} lm/W): adaptive saves {saved_pct:.2f} %")
    _tell_worst(ground, ledger)
    return {"savings_pct": savings, "under_class_min": _under(ledger)}


def _under(ledger: Ledger) -> dict[str, int]:
    return {name: int(ledger.under_min[name].sum()) for name in SCENARIOS[1:]}


def _tell_savings(ledger: Ledger, luminaires: str) -> dict[str, float]:
    """What a set of luminaires takes and saves in each scenario, and what no control of them can pass."""
    savings = {name: round(ledger.saving_pct(name, luminaires), 2) for name in SCENARIOS[1:]}
    under = _under(ledger)
    print(f"luminaires: {luminaires}")
    for name in SCENARIOS:
        told = f"{ledger.kwh(name, luminaires).sum() / 1e3:10.1f} MWh"
        if name in savings:
            told += f"  saving {savings[name]:5.2f} %  {under[name]} zone-minutes under class"
        print(f"  {name:9s}{told}")
    most = ledger.saving_pct("needed", luminaires)
    standby = ledger.saving_pct("adaptive", luminaires, 0.0)
    lighter = 100.0 * (standby - LIMIT_PCT) / (standby - ledger.saving_pct("adaptive", luminaires))
    print(f"  no control of them can save more than {most:.2f} % without a minute under class")
    print(f"  {LIMIT_PCT:.0f} % is saved where they draw {lighter:.0f} % of these watts")
    return savings


def _tell_worst(ground: Ground, ledger: Ledger) -> None:
    for name in ("static", "adaptive"):
        minutes = ledger.under_min[name]
        worst = int(minutes.argmax())
        if minutes[worst]:
            zone, deep = ground.zones[worst], ledger.deepest_pct[name][worst]
            where = f"{zone.street} ({zone.commune}, {zone.designed})"
            print(f"worst street, {name}: {where}: {minutes[worst]:.0f} min, {deep:.0f} % too low at most")


def write_ledger(path: Path, ground: Ground, ledger: Ledger) -> None:
    """One line a zone: what each scenario took with each set of luminaires, and how long it was under class."""
    kinds = [(SCENARIOS[0], LUMINAIRES[0]), *((name, kind) for kind in LUMINAIRES for name in SCENARIOS[1:])]
    taken = [ledger.kwh(*kind) for kind in kinds]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        kwh = ["baseline_kwh", *(f"{name}_{kind}_kwh" for name, kind in kinds[1:])]
        under = [f"{name}_under_min" for name in SCENARIOS[1:]]
        writer.writerow(["commune", "street", "class", "lights", *kwh, *under])
        for row, zone in enumerate(ground.zones):
            energy = [round(float(kwh_by_zone[row]), 2) for kwh_by_zone in taken]
            minutes = [int(ledger.under_min[name][row]) for name in SCENARIOS[1:]]
            lights = int(ground.streets.lights[row])
            writer.writerow([zone.commune, zone.street, zone.designed, lights, *energy, *minutes])


async def keep_ledger(home: Path, ground: Ground, ledger: Ledger, played: dict[str, Any]) -> None:
    """Put the ledger into a post that runs, in place of the former one: with the luminaires that its city has."""
    taken = [ledger.kwh(name, "city") for name in SCENARIOS]
    columns = ("commune", "street", "class", "lights", *(f"{name}_kwh" for name in SCENARIOS))
    under = tuple(f"{name}_under_min" for name in SCENARIOS[2:])
    rows = [
        (
            *(zone.commune, zone.street, zone.designed, int(ground.streets.lights[row])),
            *(float(kwh_by_zone[row]) for kwh_by_zone in taken),
            *(int(ledger.under_min[name][row]) for name in SCENARIOS[2:]),
            played,
        )
        for row, zone in enumerate(ground.zones)
    ]
    opened = await PostgresRows.open(read_card(home).database_url, connections=1)
    async with opened as truth, truth.transaction() as tx:
        await tx.execute("DELETE FROM lighting_year_ledger")
        await tx.copy_rows("lighting_year_ledger", (*columns, *under, "played"), rows)


def main() -> None:
    """One fresh seed, or the one given; fails when designed luminaires save too little, or a minute lay under class."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--every", type=int, default=5, help="play each so many nights (1: all; 5 has every weekday)")
    parser.add_argument("--ledger", type=Path, default=None, help="write the ledger by street as CSV")
    parser.add_argument("--home", type=Path, default=None, help="put the ledger into the post that runs there")
    asked = parser.parse_args()
    seed = secrets.randbelow(2**31) if asked.seed is None else asked.seed
    began = time.perf_counter()
    ground = read_ground(CITY)
    options = YearOptions(FIRST, seed, *ground.center, "Europe/Paris", asked.every)

    def watch(night: int) -> None:
        if night % SHOWN_EVERY < asked.every:
            print(f"night {night}, {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)

    ledger = play_year(ground.streets, AdaptiveSteerer(ground.plan), options, watch)
    figures = tell(ground, ledger)
    if asked.ledger is not None:
        write_ledger(asked.ledger, ground, ledger)
    if asked.home is not None:
        told = {"city": CITY, "seed": seed, "assumptions": "; ".join(f"{key}: {text}" for key, text in SOURCES.items())}
        asyncio.run(keep_ledger(asked.home, ground, ledger, told))
    savings, under = figures["savings_pct"], figures["under_class_min"]["adaptive"]
    value = savings["designed"]["adaptive"]
    line = {
        "value": value,
        "unit": "% saved against sodium all night, adaptive, LED designed to each street's class",
        "limit": LIMIT_PCT,
        "procured_luminaires_pct": savings["procured"]["adaptive"],
        "city_luminaires_pct": savings["city"]["adaptive"],
        "ratio": round(value / LIMIT_PCT, 3),
        "seed": seed,
        "nights": -(-365 // asked.every),
        "seconds": round(time.perf_counter() - began, 1),
        **figures,
    }
    publish("adaptive_year", line, {})
    if value < LIMIT_PCT or under:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
