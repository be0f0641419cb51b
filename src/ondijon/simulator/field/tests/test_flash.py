"""What gateways keep when the process dies."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ondijon.simulator.field.columns import Kept
from ondijon.simulator.field.flash import SEEN_PER_GATEWAY, Flash, StoredProgramme, open_flash


def past(lights: int, gateways: int) -> Kept:
    return Kept(
        energy_j=np.arange(lights, dtype=np.float64) * 100.0,
        burning_s=np.arange(lights, dtype=np.float64) * 10.0,
        hold=np.full(lights, np.nan, np.float32),
        meter_j=np.arange(gateways, dtype=np.float64) * 1000.0,
    )


def open_small(folder: Path, gateways: list[str] | None = None, lights: list[str] | None = None) -> Flash:
    gateways = ["A", "B"] if gateways is None else gateways
    lights = ["a1", "a2", "b1"] if lights is None else lights
    return open_flash(folder, gateways, lights, past(len(lights), len(gateways)))


def test_new_gateways_begin_at_one(tmp_path: Path) -> None:
    flash = open_small(tmp_path)
    assert [flash.next_sequence(1), flash.next_sequence(1), flash.next_sequence(0)] == [1, 2, 1]


def test_numbers_counters_and_holds_survive_without_a_goodbye(tmp_path: Path) -> None:
    flash = open_small(tmp_path)
    flash.next_sequence(1)
    flash.kept.energy_j[2] += 5.5
    flash.kept.hold[0] = 0.25
    flash.boots += np.uint32(1)
    again = open_small(tmp_path)
    assert again.next_sequence(1) == 2
    assert again.kept.energy_j.tolist() == [0.0, 100.0, 205.5]
    assert again.kept.hold[0] == 0.25
    assert again.boots.tolist() == [1, 1]


def test_what_was_written_survives_a_process_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from ondijon.simulator.field.tests.test_flash import open_small\n"
        "flash = open_small(Path(sys.argv[1]))\n"
        "flash.kept.energy_j[1] = 4321.0\n"
        "while flash.next_sequence(0) < 41: pass\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    flash = open_small(tmp_path)
    assert flash.next_sequence(0) == 42
    assert flash.kept.energy_j[1] == 4321.0


def test_a_changed_plan_carries_over_what_is_still_there(tmp_path: Path) -> None:
    flash = open_small(tmp_path)
    flash.kept.energy_j[:] = [7.0, 8.0, 9.0]
    flash.next_sequence(1)
    flash.remember_command(1, "x")
    again = open_small(tmp_path, ["B", "C"], ["b1", "c1"])
    assert again.kept.energy_j.tolist() == [9.0, 100.0]
    assert again.sequence.tolist() == [1, 0]
    assert again.has_seen(0, "x")
    assert len(list(tmp_path.glob("columns-*"))) == 1


def test_a_command_is_remembered_by_its_gateway_only_and_for_a_while(tmp_path: Path) -> None:
    flash = open_small(tmp_path)
    flash.remember_command(0, "one")
    assert flash.has_seen(0, "one")
    assert not flash.has_seen(1, "one")
    for number in range(SEEN_PER_GATEWAY):
        flash.remember_command(0, str(number))
    assert not flash.has_seen(0, "one")
    assert open_small(tmp_path).has_seen(0, "0")


def test_programmes_are_stored_by_gateway(tmp_path: Path) -> None:
    stored = StoredProgramme(12, {"timezone": "Europe/Paris"})
    open_small(tmp_path).store_programme("A", stored)
    again = open_small(tmp_path)
    assert again.find_programme("A") == stored
    assert again.find_programme("B") is None


@pytest.mark.parametrize("gateways", [[], ["A"]])
def test_a_field_without_lights_has_a_flash_too(tmp_path: Path, gateways: list[str]) -> None:
    assert len(open_small(tmp_path, gateways, []).kept.energy_j) == 0
