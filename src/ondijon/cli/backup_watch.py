"""The core role copies new files of the lake beside the backups, and tells how old those and their trials are."""

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path

from ondijon.cli.backup_settings import lake_of, read_backup_settings
from ondijon.cli.engines import Engines
from ondijon.infra.backup.keep import Deeds, read_deeds
from ondijon.infra.backup.lake_mirror import MIRROR, mirror_lake
from ondijon.infra.backup.wal import LOG_FOLDER, last_written_at
from ondijon.kernel.health import BackupHealth

log = logging.getLogger(__name__)

LOOK_EVERY_S = 10.0
# What the values of the twin say where there is none yet: a year.
NEVER_H = 8_760.0
NOTHING_DONE = Deeds(None, None, None)


class BackupWatch:
    """Looks into the folder of backups every ten seconds, in a thread: a disk that hangs must not hold up the role."""

    def __init__(self, folder: Path, lake: Path) -> None:
        self._folder = folder
        self._lake = lake
        self._deeds: Deeds | None = None
        # What was last seen, for the alarm: a folder that has gone does not keep its last backup young.
        self._seen: Deeds | None = None
        self._log_at: datetime | None = None

    def health(self) -> BackupHealth | None:
        """Every age now; None while the folder cannot be looked at."""
        if self._deeds is None:
            return None
        moments = (self._deeds.began_at, self._deeds.verified_at, self._deeds.tested_at, self._log_at)
        return BackupHealth(*map(_age_s, moments))

    def backup_age_h(self) -> float | None:
        """Hours since the newest backup began, as last seen; a year where there is none, None before the first look."""
        return None if self._seen is None else _age_h(self._seen.began_at)

    def trial_age_h(self) -> float | None:
        """Hours since a backup was last restored on trial; the same."""
        return None if self._seen is None else _age_h(self._seen.tested_at)

    def log_age_s(self) -> float | None:
        """Seconds since the archived log last grew; the same."""
        return None if self._seen is None else _age_h(self._log_at) * 3_600

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self._deeds = await self._read_deeds()
            self._seen = self._deeds or self._seen or NOTHING_DONE
            try:
                await asyncio.to_thread(mirror_lake, self._lake, self._folder / MIRROR)
                self._log_at = await asyncio.to_thread(last_written_at, self._folder / LOG_FOLDER)
            except (OSError, ValueError) as error:
                log.warning("the folder of backups cannot be used: %s", error)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _read_deeds(self) -> Deeds | None:
        """None where the folder is not there, or what lies in it cannot be read: that is not "never"."""
        try:
            is_there = await asyncio.to_thread(self._folder.is_dir)
            return await asyncio.to_thread(read_deeds, self._folder) if is_there else None
        except (OSError, ValueError) as error:
            log.warning("the backups cannot be looked at: %s", error)
            return None


def _age_s(at: datetime | None) -> float | None:
    return None if at is None else round((datetime.now(UTC) - at).total_seconds(), 1)


def _age_h(at: datetime | None) -> float:
    age_s = _age_s(at)
    return NEVER_H if age_s is None else round(age_s / 3_600, 4)


async def watch_backups(engines: Engines) -> None:
    """Tell the ages for as long as the role runs, where the home's settings name a folder."""
    settings = read_backup_settings(engines.home)
    if settings is None:
        return
    watch = BackupWatch(Path(settings.folder), lake_of(engines.home))
    engines.figures.update(
        backup_age_h=watch.backup_age_h, backup_trial_age_h=watch.trial_age_h, backup_log_age_s=watch.log_age_s
    )
    engines.details["backup"] = watch.health
    await watch.run()
