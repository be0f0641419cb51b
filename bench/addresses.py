"""Milliseconds that the address index takes for what callers say, and how often its top 3 have the right answer."""

# 2,000 queries by a fresh seed for each city: Montpellier's own addresses where the published files are at hand, and
# the generated city of Dijon. `value` is the 95th percentile of one query in one process, the worse of the cities;
# `hit_rate` the lower. How queries are made and judged: bench/rig/spoken_addresses.py.

import argparse
import secrets
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from bench.rig.spoken_addresses import Caller, Query
from bench.stage import publish
from ondijon.cli.places import city_folder
from ondijon.infra.inventory import read_inventory
from ondijon.kernel.geo import LocalMetres
from ondijon.kernel.inventory import Inventory
from ondijon.simulator.metropolis import generate_metropolis
from ondijon.web.addresses.finder import AddressFinder, AddressHit
from ondijon.web.addresses.survey import SourceAddress, SourceArc, build_gazetteer

MONTPELLIER = Path(__file__).resolve().parents[2] / "shared" / "data" / "montpellier"
QUERIES, TOP = 2_000, 3
LIMIT_MS, LEAST_HITS = 50.0, 0.97
CROSSING_M = 50.0


def build_finder(inventory: Inventory) -> AddressFinder:
    """The index as a face builds it, from an inventory in memory."""
    arcs = [SourceArc(one.street_id, one.name, one.commune, one.line) for one in inventory.streets]
    houses = [SourceAddress(one.street_id, one.number, *one.position, one.street) for one in inventory.addresses]
    gazetteer = build_gazetteer(inventory.communes[0].center, arcs, houses, [])
    return AddressFinder(gazetteer, [(commune.insee, commune.name) for commune in inventory.communes])


def is_right(query: Query, hit: AddressHit) -> bool:
    """Whether an answer is what was meant."""
    if query.kind == "crossing":
        return hit.kind == "crossing" and _away_m(query, hit) <= CROSSING_M
    if (hit.street, hit.commune) != (query.street, query.commune):
        return False
    if query.kind == "street":
        return True
    wanted = query.nearest or (query.number,)
    return hit.kind == query.kind and (hit.number or "").lower() in {number.lower() for number in wanted}


def _away_m(query: Query, hit: AddressHit) -> float:
    frame = LocalMetres(hit.lon, hit.lat)
    return float(np.hypot(*frame.to_metres(np.array(query.spots)).T).min())


def measure(inventory: Inventory, queries: int, seed: int) -> dict[str, Any]:
    """One city: build, ask, judge."""
    began = time.perf_counter()
    finder = build_finder(inventory)
    build_s = time.perf_counter() - began
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    first = 0
    took_ms: list[float] = []
    missed: list[tuple[str, str]] = []
    for query in Caller(inventory, seed).ask(queries):
        at = time.perf_counter()
        hits = finder.find(query.text, TOP)
        took_ms.append((time.perf_counter() - at) * 1000)
        asked[query.kind] += 1
        judged = [is_right(query, hit) for hit in hits]
        right[query.kind] += any(judged)
        first += judged[:1] == [True]
        if not any(judged):
            missed.append((query.text, f"{query.number} {query.street} {query.other} {query.commune}"))
    return {
        "addresses": len(inventory.addresses),
        "streets": len({(street.name, street.commune) for street in inventory.streets}),
        "hit_rate": right.total() / asked.total(),
        "first_rate": first / asked.total(),
        "by_kind": {kind: [right[kind], asked[kind]] for kind in asked},
        "p50_ms": float(np.percentile(took_ms, 50)),
        "p95_ms": float(np.percentile(took_ms, 95)),
        "max_ms": max(took_ms),
        "build_s": build_s,
        "missed": missed,
    }


def main() -> int:
    """Ask each city; nothing fails silently: a low hit rate ends with 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queries", type=int, default=QUERIES)
    parser.add_argument("--seed", type=int, default=None, help="repeat a run; fresh by default")
    options = parser.parse_args()
    seed = secrets.randbits(31) if options.seed is None else options.seed
    began = time.perf_counter()
    inventories = {"dijon": generate_metropolis(city_folder("dijon"))}
    if MONTPELLIER.is_dir():
        inventories["montpellier"] = read_inventory(city_folder("montpellier"), MONTPELLIER).inventory
    else:
        print("the published addresses of Montpellier are not at hand: Dijon only", file=sys.stderr)
    cities = {name: measure(inventory, options.queries, seed) for name, inventory in inventories.items()}
    for name, city in cities.items():
        print(
            f"{name}: {city['hit_rate']:.4f} in the top 3, {city['first_rate']:.4f} first, p95 {city['p95_ms']:.1f} ms"
        )
    value = max(city["p95_ms"] for city in cities.values())
    hit_rate = min(city["hit_rate"] for city in cities.values())
    line = {
        "value": round(value, 2),
        "unit": "ms",
        "limit": LIMIT_MS,
        "ratio": round(value / LIMIT_MS, 3),
        "seconds": round(time.perf_counter() - began, 1),
        "hit_rate": round(hit_rate, 4),
        "seed": seed,
    }
    publish("addresses", line, cities)
    return 0 if value <= LIMIT_MS and hit_rate >= LEAST_HITS else 1


if __name__ == "__main__":
    sys.exit(main())
