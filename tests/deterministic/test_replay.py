"""A seed is a run: the same one again, byte for byte, whatever the process that runs it."""

import os
import subprocess
import sys

from tests.deterministic.world import ROOT, live

SEED, HOURS = 7, 60.0


def test_the_same_seed_gives_the_same_trace_and_another_seed_another() -> None:
    first, again, other = live(SEED, HOURS), live(SEED, HOURS), live(SEED + 2, HOURS)
    assert first.digest == again.digest
    assert first.digest != other.digest


def test_a_fresh_process_that_hashes_otherwise_gives_the_same_trace() -> None:
    script = f"from tests.deterministic.world import live; print(live({SEED}, {HOURS}).digest)"
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == live(SEED, HOURS).digest
