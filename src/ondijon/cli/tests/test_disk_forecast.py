"""What is free is remembered hour by hour over restarts, and told as days only once it is known."""

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from ondijon.cli.disk_forecast import NEVER_DAYS, DiskForecast

Room = namedtuple("Room", "total used free")
GIB = 1 << 30


class Machine:
    """A disk of 100 GiB that loses some each hour."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 1_000_000.0
        self.free = 60 * GIB
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: Room(100 * GIB, 100 * GIB - self.free, self.free))

    def watch(self, folder: Path) -> DiskForecast:
        return DiskForecast(folder / "disk-history.json", {"home": folder}, lambda: self.now_s)

    def spend(self, forecast: DiskForecast, hours: int, lost_an_hour: int) -> None:
        for _ in range(hours):
            self.now_s += 3_600
            self.free -= lost_an_hour
            forecast.look()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_the_first_hours_say_not_known_yet(machine: Machine, tmp_path: Path) -> None:
    forecast = machine.watch(tmp_path)
    forecast.look()
    machine.spend(forecast, 5, GIB)
    (disk,) = forecast.disks
    assert (disk.free_bytes, disk.measured_h) == (55 * GIB, 5.0)
    assert disk.growth_bytes_a_day is None
    assert forecast.days_left() is None


def test_a_restart_goes_on_where_it_was(machine: Machine, tmp_path: Path) -> None:
    first = machine.watch(tmp_path)
    first.look()
    machine.spend(first, 4, GIB)
    second = machine.watch(tmp_path)
    machine.spend(second, 4, GIB)
    (disk,) = second.disks
    assert disk.growth_bytes_a_day == pytest.approx(24 * GIB)
    assert disk.full_in_days == pytest.approx(52 / 24)
    assert second.days_left() == 2.2


def test_a_disk_that_does_not_fill_up_is_ten_years_away(machine: Machine, tmp_path: Path) -> None:
    forecast = machine.watch(tmp_path)
    forecast.look()
    machine.spend(forecast, 8, 0)
    assert forecast.disks[0].full_in_days is None
    assert forecast.days_left() == NEVER_DAYS


def test_samples_of_a_future_that_the_clock_left_count_no_more(machine: Machine, tmp_path: Path) -> None:
    forecast = machine.watch(tmp_path)
    forecast.look()
    machine.spend(forecast, 8, GIB)
    machine.now_s -= 7 * 3_600
    forecast.look()
    assert forecast.disks[0].measured_h <= 1.0


def test_a_torn_file_and_a_missing_folder_begin_anew(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "disk-history.json").write_bytes(b'{"home": [[1')
    machine.watch(tmp_path).look()
    gone = DiskForecast(tmp_path / "none" / "file.json", {"home": tmp_path}, lambda: machine.now_s)
    gone.look()
    assert gone.disks[0].measured_h == 0.0
