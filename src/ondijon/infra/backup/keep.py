"""Old backups go, the newest stay, and of the archived log what the oldest kept one needs."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from ondijon.infra.backup.manifest import UNFINISHED, list_backups, read_manifest
from ondijon.infra.backup.wal import LOG_FOLDER, forget_segments

# When a backup of this folder was last restored on trial, and when one was last checked bit by bit.
TESTED_NAME = "last-test-restore"
VERIFIED_NAME = "last-verify"


class Deeds(NamedTuple):
    """When the newest finished backup began, one was last checked, and one last restored on trial; None: never."""

    began_at: datetime | None
    verified_at: datetime | None
    tested_at: datetime | None


def drop_unfinished(folder: Path) -> None:
    """Take away what interrupted backups left; nobody else may be writing one there."""
    for left in folder.glob(f"*{UNFINISHED}"):
        shutil.rmtree(left)


def keep_newest(folder: Path, keep: int) -> list[str]:
    """Leave the newest `keep` finished backups and the log from the oldest of them on; returns what went.

    A log that no kept backup continues into goes whole, but never the one that is being written: the newest backup's.
    """
    found = list_backups(folder)
    gone = found[:-keep]
    for backup in gone:
        # Half deleted, it must not look like a backup.
        shutil.rmtree(backup.rename(backup.with_name(backup.name + UNFINISHED)))
    first: dict[str, str] = {}
    for backup in found[-keep:]:
        manifest = read_manifest(backup)
        known = first.setdefault(manifest.incarnation, manifest.begins_at)
        first[manifest.incarnation] = min(known, manifest.begins_at, key=lambda name: name[8:])
    for log in sorted((folder / LOG_FOLDER).iterdir()) if (folder / LOG_FOLDER).is_dir() else ():
        if log.name in first:
            forget_segments(log, first[log.name])
        else:
            shutil.rmtree(log)
    return [backup.name for backup in gone]


def read_deeds(folder: Path) -> Deeds:
    """What was done in a folder of backups, and when."""
    found = list_backups(folder)
    began_at = None if not found else datetime.strptime(found[-1].name, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
    return Deeds(began_at, _read_moment(folder / VERIFIED_NAME), _read_moment(folder / TESTED_NAME))


def _read_moment(path: Path) -> datetime | None:
    return datetime.fromisoformat(path.read_text("ascii")) if path.exists() else None
