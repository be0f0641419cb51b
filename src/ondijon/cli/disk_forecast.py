"""What is free on the disks under the post, remembered hour by hour, and the days until they are full."""

import asyncio
import logging
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from time import time

import msgspec
import numpy as np
from msgspec import Struct

from ondijon.cli.backup_settings import lake_of, read_backup_settings
from ondijon.domains.platform.rules import days_until_full, measure_growth
from ondijon.kernel.health import DiskHealth

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
SAMPLE_EVERY_S = 3_600.0
KEPT_S = 7 * 86_400.0
# What is told of a disk that does not fill up, where a number is needed: ten years.
NEVER_DAYS = 3_650.0


def watched_disks(home: Path) -> dict[str, Path]:
    """By what people know them: the home, the lake, and the backups where the home's settings name them."""
    backups = read_backup_settings(home)
    folders = {"home": home, "lake": lake_of(home)}
    return folders if backups is None else folders | {"backups": Path(backups.folder)}


class Sample(Struct, frozen=True, array_like=True):
    """What was free at a moment of the machine's own time, seconds since 1970-01-01 UTC."""

    at_s: float
    free_bytes: int


class DiskForecast:
    """Looks at each folder's disk in a thread, since a disk may hang; a sample an hour lasts in `file` for a week."""

    def __init__(self, file: Path, folders: Mapping[str, Path], now_s: Callable[[], float] = time) -> None:
        self._file = file
        self._folders = dict(folders)
        self._now_s = now_s
        self._samples = _read(file)
        self._growth: dict[str, float | None] = {}
        self.disks: list[DiskHealth] = []

    def look(self) -> None:
        """See what is free now; remember it when the last sample is an hour old."""
        now_s, found, is_new = self._now_s(), [], False
        for name, folder in self._folders.items():
            with suppress(OSError):
                room = shutil.disk_usage(folder)
                is_new |= self._remember(name, Sample(now_s, room.free))
                found.append(self._health(name, room.free, room.total))
        self.disks = found
        if is_new:
            self._save()

    def days_left(self) -> float | None:
        """The least of all disks' days, ten years for one that does not fill up; None while all are unknown."""
        known = [one for one in self.disks if one.growth_bytes_a_day is not None]
        days = [NEVER_DAYS if one.full_in_days is None else min(one.full_in_days, NEVER_DAYS) for one in known]
        return round(min(days), 1) if days else None

    def figures(self) -> dict[str, float]:
        """What the twin of the post says of it; nothing while it is not known."""
        days_left = self.days_left()
        return {} if days_left is None else {"disk_full_days": days_left}

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(LOOK_EVERY_S)

    def _remember(self, name: str, now: Sample) -> bool:
        """Keep a sample each hour and none of a future that the clock stepped back from; whether this one was kept."""
        kept = [one for one in self._samples.get(name, []) if now.at_s - KEPT_S <= one.at_s <= now.at_s]
        is_new = not kept or now.at_s - kept[-1].at_s >= SAMPLE_EVERY_S
        self._samples[name] = [*kept, now] if is_new else kept
        if is_new or name not in self._growth:
            kept = self._samples[name]
            times = np.array([one.at_s for one in kept])
            free = np.array([one.free_bytes for one in kept], np.float64)
            self._growth[name] = measure_growth(times, free)
        return is_new

    def _health(self, name: str, free_bytes: int, total_bytes: int) -> DiskHealth:
        samples, growth = self._samples[name], self._growth[name]
        measured_h = (samples[-1].at_s - samples[0].at_s) / 3_600
        return DiskHealth(
            name, free_bytes, total_bytes, round(measured_h, 1), growth, days_until_full(free_bytes, growth)
        )

    def _save(self) -> None:
        staged = self._file.with_suffix(".new")
        try:
            staged.write_bytes(msgspec.json.encode(self._samples))
            staged.replace(self._file)
        except OSError as error:
            log.warning("what was free on the disks is not remembered: %s", error)


def _read(file: Path) -> dict[str, list[Sample]]:
    """What an earlier run remembered; nothing where the file is missing or torn."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, list[Sample]])
    except (OSError, msgspec.DecodeError):
        return {}
