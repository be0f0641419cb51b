"""Simulated towns by hand: `python -m tests.deterministic FROM TO HOURS [--trace FILE] [--break NAME]`."""

import argparse
import contextlib
import sys
import time
from pathlib import Path

from tests.deterministic.breakages import BREAKAGES
from tests.deterministic.oracle import Broken
from tests.deterministic.world import live


def main() -> int:
    """Run the seeds from FROM up to TO; 1 when something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=int)
    parser.add_argument("end", type=int)
    parser.add_argument("hours", type=float)
    parser.add_argument("--trace", type=Path)
    parser.add_argument("--break", dest="breakage", choices=list(BREAKAGES))
    asked = parser.parse_args()
    began, lived_h, broken = time.monotonic(), 0.0, 0
    for seed in range(asked.first, asked.end):
        lines: list[str] | None = [] if asked.trace else None
        try:
            with BREAKAGES[asked.breakage]() if asked.breakage else contextlib.nullcontext():
                result = live(seed, asked.hours, lines)
            lived_h += result.hours
        except Broken as error:
            broken += 1
            print(f"seed {seed}: {error}", flush=True)
        finally:
            if asked.trace:
                asked.trace.write_text("".join(lines or []), "utf-8")
    print(f"{lived_h:,.0f} h without a break, {broken} seeds broken, in {time.monotonic() - began:.0f} s")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
