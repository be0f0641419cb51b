"""A home is made of a checked backup, up to its own moment or up to a later one that the continued log reaches."""

import asyncio
import os
import shutil
import stat
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ondijon.infra.backup.copying import copy_file, copy_tree, write_synced
from ondijon.infra.backup.manifest import Damage, Manifest, list_damage
from ondijon.infra.backup.take import BROKER, FILES, ROWS
from ondijon.infra.backup.wal import LOG_FOLDER, list_segments
from ondijon.infra.nats.server import STREAMS
from ondijon.infra.nats.snapshots import load_streams
from ondijon.infra.postgres.born import RESTORING_NAME, note_birth
from ondijon.infra.postgres.place import Place
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.kernel.errors import Refused

# A day of log at the speed of a slow disk.
_RECOVERY_LIMIT_S = 3_600.0
_SHOWN = 5


def check_backup(backup: Path, manifest: Manifest) -> None:
    """Raise Refused, with the first files that are not as they were written, unless every bit of a backup is."""
    damage = list(list_damage(backup, manifest.parts))
    if damage:
        raise Refused("error.backup_damaged", folder=str(backup), count=len(damage), files=_say(damage))


def prepare_home(home: Path) -> None:
    """Take an empty or missing folder for a restore; raises Refused when anything is in it."""
    if home.exists() and any(home.iterdir()):
        raise Refused("error.restore_home_not_empty", folder=str(home))
    home.mkdir(parents=True, exist_ok=True)
    # From here on nothing starts in this home until the restore has ended.
    write_synced(home / RESTORING_NAME, b"")


def restore_files(backup: Path, manifest: Manifest, home: Path) -> None:
    """Copy the home's own files, with their modes; the rows and the broker are not among them."""
    for part in manifest.parts:
        top, _, name = part.path.partition("/")
        if top == FILES:
            copied = copy_file(backup / part.path, home / name)
            if copied != (part.size, part.sha256):
                raise Refused("error.backup_damaged", folder=str(backup), count=1, files=part.path)
            (home / name).chmod(stat.S_IMODE(part.mode))


async def restore_rows(
    backup: Path, manifest: Manifest, home: Path, until: datetime | None, *, alone: bool
) -> EmbeddedPostgres:
    """Bring the rows back and return their server, started; without `until`, as far as the log goes.

    until: aware, in machine time; raises Refused when the log does not reach it. alone: without the archived log.
    """
    server = EmbeddedPostgres(home, is_restoring=True)
    place = server.place
    uid, gid = (place.account.uid, place.account.gid) if place.account else (os.geteuid(), os.getegid())
    await asyncio.to_thread(copy_tree, backup / ROWS, place.data_dir, uid, gid)
    # A restored server waits for no standby of the former one.
    (place.data_dir / "postgresql.auto.conf").write_text("", "ascii")
    log = place.data_dir.with_name("log-to-replay")
    segments = () if alone else await asyncio.to_thread(_lay_out_log, backup, manifest, log, uid, gid)
    if segments:
        await _replay(home, place, log, until)
    elif until is not None and until > manifest.reached_at:
        raise Refused("error.restore_no_log", until=until.isoformat(), reached=manifest.reached_at.isoformat())
    await server.start()
    await asyncio.to_thread(shutil.rmtree, log, True)
    return server


def _lay_out_log(backup: Path, manifest: Manifest, log: Path, uid: int, gid: int) -> Sequence[str]:
    """Copy what continues the backup to where the server's own user may read it; a part that is still open counts."""
    segments = list_segments(backup.parent / LOG_FOLDER / manifest.incarnation, manifest.begins_at)
    log.mkdir(mode=0o700)
    os.chown(log, uid, gid)
    for name, path in segments.items():
        shutil.copyfile(path, log / name)
        os.chown(log / name, uid, gid)
        (log / name).chmod(0o600)
    return sorted(segments)


async def _replay(home: Path, place: Place, log: Path, until: datetime | None) -> None:
    """Let the server read the log up to `until` or to its end, then go on as a server of its own."""
    (place.data_dir / "recovery.signal").touch(0o600)
    if place.account is not None:
        os.chown(place.data_dir / "recovery.signal", place.account.uid, place.account.gid)
    settings = {
        "restore_command": f'cp "{log}/%f" "%p"',
        "recovery_target_action": "promote",
        "hot_standby": "off",
    }
    if until is not None:
        settings["recovery_target_time"] = until.isoformat()
    server = EmbeddedPostgres(home, is_restoring=True, settings=settings, start_limit_s=_RECOVERY_LIMIT_S)
    try:
        await server.start()
    except Refused as error:
        if until is not None and "recovery target" in str(error):
            raise Refused("error.restore_log_too_short", until=until.isoformat()) from error
        raise
    finally:
        await server.stop()


def empty_broker(home: Path) -> None:
    """Room for a broker's streams, which a home that has its secrets must have."""
    (home / "nats" / STREAMS).mkdir(mode=0o700, parents=True, exist_ok=True)


async def restore_broker(backup: Path, url: str) -> list[str]:
    """Fill the empty broker at `url` with the backup's streams; returns their names."""
    return await load_streams(url, backup / BROKER)


def finish_home(home: Path, database: str) -> None:
    """Say that the home is whole: it starts from now on, as a new incarnation."""
    note_birth(home, database)
    (home / RESTORING_NAME).unlink()


def _say(damage: Sequence[Damage]) -> str:
    shown = ", ".join(f"{one.path} ({one.kind})" for one in damage[:_SHOWN])
    return shown if len(damage) <= _SHOWN else f"{shown} ..."
