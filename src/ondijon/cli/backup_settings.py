"""The home's `backup.toml`: where backups and the archived log go, and how many backups are kept."""

from pathlib import Path

import msgspec
from msgspec import Struct

from ondijon.cli.archive import read_archive_settings
from ondijon.infra.backup.take import LAKE
from ondijon.infra.backup.wal import LOG_FOLDER, LogArchive
from ondijon.infra.postgres.born import read_birth, renew_incarnation
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.kernel.errors import Refused

SETTINGS = "backup.toml"


class BackupSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """folder: on another disk than the home; keep: finished backups that stay, with the log from the oldest on."""

    folder: str
    keep: int = 7


def read_backup_settings(home: Path) -> BackupSettings | None:
    """None where the home has no such file; raises Refused when it says something that cannot be."""
    path = home / SETTINGS
    if not path.exists():
        return None
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=BackupSettings)
    except msgspec.DecodeError as error:
        raise Refused("error.backup_settings_bad", detail=str(error)) from error
    if found.keep < 1 or not Path(found.folder).is_absolute():
        raise Refused("error.backup_settings_bad", detail=f"folder = {found.folder}, keep = {found.keep}")
    return found


def lake_of(home: Path) -> Path:
    """Where the lake of old readings lies."""
    settings = read_archive_settings(home)
    return Path(settings.folder) if settings.folder else home / LAKE


def log_archive_of(home: Path, postgres: EmbeddedPostgres) -> LogArchive | None:
    """Who archives the log of a home, where its settings name a folder."""
    settings = read_backup_settings(home)
    if settings is None:
        return None
    kept = Path(settings.folder) / LOG_FOLDER

    def folder() -> Path:
        birth = read_birth(home)
        assert birth is not None, "it starts after the database"
        return kept / birth.incarnation

    return LogArchive(postgres, folder, lambda: renew_incarnation(home))
