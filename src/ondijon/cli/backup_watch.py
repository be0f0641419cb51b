"""The core role copies new files of the lake beside the backups, and tells how old those and their trials are."""

import asyncio
import logging
from datetime import UTC, datetime
from pathlib import Path

from ondijon.cli.backup_settings import lake_of, read_backup_settings
from ondijon.cli.engines import Engines
from ondijon.infra.backup.keep import newest_of
from ondijon.infra.backup.lake_mirror import MIRROR, mirror_lake
from ondijon.infra.backup.wal import LOG_FOLDER, last_written_at

log = logging.getLogger(__name__)

LOOK_EVERY_S = 10.0
# What is shown where there is none yet: a year.
NEVER_H = 8_760.0


class BackupWatch:
    """Looks into the folder of backups every ten seconds, in a thread: a disk that hangs must not hold up the role."""

    def __init__(self, folder: Path, lake: Path) -> None:
        self._folder = folder
        self._lake = lake
        self._backup_at: datetime | None = None
        self._tested_at: datetime | None = None
        self._log_at: datetime | None = None

    def backup_age_h(self) -> float:
        """Hours since the newest backup began; a year where there is none."""
        return _age_h(self._backup_at)

    def trial_age_h(self) -> float:
        """Hours since a backup was last restored on trial; a year where none was."""
        return _age_h(self._tested_at)

    def log_age_s(self) -> float:
        """Seconds since the archived log last grew; a year where there is none."""
        return NEVER_H * 3600 if self._log_at is None else round((datetime.now(UTC) - self._log_at).total_seconds(), 1)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                self._backup_at, self._tested_at = await asyncio.to_thread(newest_of, self._folder)
                await asyncio.to_thread(mirror_lake, self._lake, self._folder / MIRROR)
                self._log_at = await asyncio.to_thread(last_written_at, self._folder / LOG_FOLDER)
            except (OSError, ValueError) as error:
                log.warning("the folder of backups cannot be used: %s", error)
            await asyncio.sleep(LOOK_EVERY_S)


async def watch_backups(engines: Engines) -> None:
    """Tell the ages for as long as the role runs, where the home's settings name a folder."""
    settings = read_backup_settings(engines.home)
    if settings is None:
        return
    watch = BackupWatch(Path(settings.folder), lake_of(engines.home))
    engines.figures.update(
        backup_age_h=watch.backup_age_h, backup_trial_age_h=watch.trial_age_h, backup_log_age_s=watch.log_age_s
    )
    await watch.run()


def _age_h(at: datetime | None) -> float:
    return NEVER_H if at is None else round((datetime.now(UTC) - at).total_seconds() / 3600, 2)
