"""Lighting faults found from power, judged against played breakdowns whose truth the detectors may not read."""

import argparse
import pickle
import secrets
import time
from typing import Any

import numpy as np

from bench.stage import CITY, publish
from ondijon.automations.root_cause import make_grouper
from ondijon.kernel.city import City
from ondijon.simulator.breakdowns import Stage, busy_night, ordinary_days
from ondijon.testing.breakdowns import CABINET, LIGHT, Listener, field_plan_of
from ondijon.testing.fault_verdict import Judge, Verdict, false_alarms, kinds_of
from ondijon.testing.generated import city_of, generate_city

LIMIT, METERED_LIMIT = 0.97, 0.95
SEEDS = 5
CABINETS = 160


def sample(city: City, count: int, seed: int) -> City:
    """So many cabinets of a city with all their lights, its columns empty."""
    chosen = np.random.default_rng(seed).permutation(len(city.twins[CABINET]))[:count].tolist()
    cabinets = [city.twins[CABINET].records[row] for row in sorted(chosen)]
    known = {record.id for record in cabinets}
    lights = [record for record in city.twins[LIGHT].records if record.part_of in known]
    return city_of([*cabinets, *lights], city.communes)


def play_night(whole: City, seed: int, *, mute: bool) -> Verdict:
    """One night of faults; `mute`: cabinets' meters alone are heard."""
    city = sample(whole, CABINETS, seed)
    stage = Stage(field_plan_of(city), seed)
    listener = Listener(city, stage, mute=mute)
    judge = Judge(city, stage, listener, make_grouper(city, kinds_of(city)), mute=mute)
    script = busy_night(stage.lights, CABINETS, seed, metered=mute)
    verdict = judge.play(script)
    listener.close()
    return verdict


def play_days(whole: City, seed: int, *, mute: bool) -> list[str]:
    """48 hours of ordinary life; returns the false alarms."""
    city = sample(whole, CABINETS, seed)
    stage = Stage(field_plan_of(city), seed)
    listener = Listener(city, stage, mute=mute)
    script = ordinary_days(stage.lights, CABINETS, seed)
    for heard in stage.play(script):
        listener.hear(heard)
    listener.close()
    return [f"{one.kind} {one.evidence}" for one in false_alarms(listener, [one.index for one in script.strikes])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    seeds = options.seed or [secrets.randbelow(2**31) for _ in range(SEEDS)]
    try:
        whole = pickle.load(open("/tmp/flt/city.pkl", "rb"))
    except FileNotFoundError:
        whole = generate_city(CITY)
        pickle.dump(whole, open("/tmp/flt/city.pkl", "wb"))
    for seed in seeds:
        for mode in ("lamps", "metered"):
            if options.only and options.only != mode: continue
            began = time.perf_counter()
            verdict = play_night(whole, seed, mute=mode == "metered")
            print(f"seed {seed} {mode} F1 {verdict.f1:.4f} in {time.perf_counter()-began:.0f} s")
            for kind, c in verdict.kinds.items(): print("  ", kind, c, round(c.f1, 3))
            for w in verdict.wrong[:40]: print("     ", w)
            if verdict.after_s: print("  after", np.quantile(verdict.after_s, [.5, .95, 1]))
    if not options.only or options.only == "days":
        for mute in (False, True):
            began = time.perf_counter()
            f = play_days(whole, seeds[0], mute=mute)
            print("days", mute, len(f), f[:30], time.perf_counter()-began)


if __name__ == "__main__":
    main()
