"""Seconds to import the whole of Montpellier, from its files to committed rows on a fresh database, and once more."""

# Reading, placing on streets, grouping into cabinets, starting the database, migrations and saving are all in it; the
# second time finds everything unchanged. Run as a process of its own each time, as people do.

import argparse
import re
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.rig.running_post import throwaway_home
from bench.stage import publish

FILES = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "montpellier"
LIMIT_S = 60.0
LAST = re.compile(r"created (\d+), changed (\d+), unchanged (\d+), retired (\d+), refused (\d+)")


def import_once(home: Path, files: Path) -> tuple[float, list[int]]:
    """Seconds, and what was created, changed, left, retired and refused."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "ondijon", "city", "import", "montpellier", "--from", files, "--home", home],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - began
    found = LAST.search(done.stdout)
    assert found is not None, done.stdout
    return seconds, [int(number) for number in found.groups()]


def main() -> None:
    """Some fresh homes, two imports each; fails when the limit is missed or the second import changes anything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="files", type=Path, default=FILES, help="folder of Montpellier's files")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if not options.files.is_dir():
        raise SystemExit(f"the published datasets are not at {options.files}")
    began = time.perf_counter()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    rounds: list[dict[str, Any]] = []
    for _ in range(options.rounds):
        with throwaway_home() as home:
            first_s, first = import_once(home, options.files)
            second_s, second = import_once(home, options.files)
        print(f"first {first_s:.1f} s {first}, second {second_s:.1f} s {second}", file=sys.stderr)
        rounds.append({"first_s": first_s, "first": first, "second_s": second_s, "second": second})
    value = statistics.median(one["first_s"] for one in rounds)
    same = all(one["second"] == [0, 0, one["first"][0], 0, one["first"][4]] for one in rounds)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = spent.ru_utime + spent.ru_stime - used.ru_utime - used.ru_stime
    line = {
        "value": round(value, 1),
        "unit": "s",
        "limit": LIMIT_S,
        "ratio": round(value / LIMIT_S, 3),
        "seconds": round(time.perf_counter() - began, 1),
        "second_s": round(statistics.median(one["second_s"] for one in rounds), 1),
        "cpu_s_of_both": round(cpu_s / options.rounds, 1),
        "second_unchanged": same,
    }
    publish("import", line, {"rounds": rounds})
    sys.exit(0 if same and value <= LIMIT_S else 1)


if __name__ == "__main__":
    main()
