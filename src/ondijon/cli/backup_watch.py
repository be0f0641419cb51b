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
NEVER_S = 8_760.0 * 3_600


class BackupWatch:
    """Looks into the folder of backups every ten seconds, in a thread: a disk that hangs must not hold up the role."""

    def __init__(self, folder: Path, lake: Path) -> None:
        self._folder = folder
        self._lake = lake
        self._deeds: Deeds | None = None
        self._log_at: datetime | None = None

    def health(self) -> BackupHealth | None:
        """Every age now; None as long as the folder was never seen."""
        if self._deeds is None:
            return None
        moments = (self._deeds.began_at, self._deeds.verified_at, self._deeds.tested_at, self._log_at)
        now = datetime.now(UTC)
        return BackupHealth(*(None if at is None else round((now - at).total_seconds(), 1) for at in moments))

    def backup_age_h(self) -> float | None:
        """Hours since the newest backup began; a year where there is none, None while that is not known."""
        found = self.health()
        return None if found is None else _hours(found.age_s)

    def trial_age_h(self) -> float | None:
        """Hours since a backup was last restored on trial; a year where none was, None while that is not known."""
        found = self.health()
        return None if found is None else _hours(found.tested_age_s)

    def log_age_s(self) -> float | None:
        """Seconds since the archived log last grew; a year where there is none, None while that is not known."""
        found = self.health()
        return None if found is None else NEVER_S if found.log_age_s is None else found.log_age_s

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                self._deeds = await asyncio.to_thread(read_deeds, self._folder)
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
    engines.details["backup"] = watch.health
    await watch.run()


def _hours(age_s: float | None) -> float:
    return round((NEVER_S if age_s is None else age_s) / 3_600, 2)
