"""A backup of a home is taken while its post runs: the broker first, then the rows, then the files."""

import asyncio
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from msgspec import Struct

from ondijon.infra.backup.copying import copy_file, hash_file, list_files, sync_folder, sync_tree
from ondijon.infra.backup.keep import drop_unfinished
from ondijon.infra.backup.lake_mirror import mirror_lake
from ondijon.infra.backup.manifest import FORMAT, UNFINISHED, Manifest, Part, write_manifest
from ondijon.infra.home_lock import HomeLock
from ondijon.infra.nats.snapshots import save_streams
from ondijon.infra.postgres.born import BORN_NAME, STANDBY_NAME, SUPERSEDED_NAME, read_birth
from ondijon.infra.postgres.programs import take_base_backup
from ondijon.infra.postgres.server import SUPERUSER, EmbeddedPostgres
from ondijon.kernel.errors import Refused

ROWS, BROKER, FILES = "postgres", "broker", "home"
LAKE = "lake"
# What only a running post needs, or is taken in another way.
_LEFT_OUT = frozenset(
    {
        "postgres",
        "run",
        "post.json",
        "jetstream",
        "nats.conf",
        "nats.pid",
        LAKE,
        BORN_NAME,
        STANDBY_NAME,
        SUPERSEDED_NAME,
    }
)
_LEFT_OUT_ENDINGS = (".lock", ".log", ".new")


class Source(Struct, frozen=True):
    """What is backed up: a home with its running engines, and the lake of old readings, which may lie elsewhere.

    bus_url signs in to the account of the devices' streams.
    """

    city: str
    home: Path
    postgres: EmbeddedPostgres
    bus_url: str | None
    lake: Path


async def take_backup(source: Source, target: Path) -> Path:
    """Make one backup below `target` and return its folder, named after its moment; nothing unfinished looks like one.

    A backup inside the home would hold itself: raises Refused. The broker comes first: what it still holds may be in
    the rows already and is then known as a duplicate, but nothing it has handed on can be missing from them. The
    lake is copied before the rows and again after them: whichever files the rows name, they are there.
    """
    target = target.resolve()
    if target.is_relative_to(source.home.resolve()):
        raise Refused("error.backup_inside_home", folder=str(target))
    began_at = datetime.now(UTC)
    name = began_at.strftime("%Y%m%dT%H%M%S.%fZ")
    folder = target / f"{name}{UNFINISHED}"
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = HomeLock(target / ".lock")
    lock.acquire()
    try:
        await asyncio.to_thread(_begin, source, folder)
        manifest = await _fill(source, folder, began_at)
        await asyncio.to_thread(_publish, folder, target / name, manifest)
    finally:
        lock.release()
    return target / name


def _begin(source: Source, folder: Path) -> None:
    drop_unfinished(folder.parent)
    folder.mkdir(mode=0o700)
    mirror_lake(source.lake, folder / FILES / LAKE)


async def _fill(source: Source, folder: Path, began_at: datetime) -> Manifest:
    if source.bus_url is not None:
        await save_streams(source.bus_url, folder / BROKER)
    audit = await _last_audit_line(source.postgres.dsn)
    await take_base_backup(source.postgres.place, SUPERUSER, folder / ROWS)
    reached_at = datetime.now(UTC)
    return await asyncio.to_thread(_finish, source, folder, began_at, reached_at, audit)


async def _last_audit_line(dsn: str) -> tuple[int, str]:
    connection = await asyncpg.connect(dsn)
    try:
        row = await connection.fetchrow("SELECT line_no, hash FROM audit ORDER BY line_no DESC LIMIT 1")
    finally:
        await connection.close()
    return (0, "") if row is None else (row["line_no"], row["hash"].hex())


def _finish(source: Source, folder: Path, began_at: datetime, reached_at: datetime, audit: tuple[int, str]) -> Manifest:
    mirror_lake(source.lake, folder / FILES / LAKE)
    parts = [_part_of(folder, path) for path in list_files(folder)]
    for path in list_home_files(source.home):
        if (part := _copy(source.home / path, folder, f"{FILES}/{path}")) is not None:
            parts.append(part)
    birth = read_birth(source.home)
    assert birth is not None
    return Manifest(
        format=FORMAT,
        city=source.city,
        began_at=began_at,
        reached_at=reached_at,
        postgres=(folder / ROWS / "PG_VERSION").read_text("ascii").strip(),
        begins_at=_first_segment(folder / ROWS / "backup_label"),
        incarnation=birth.incarnation,
        audit_line_no=audit[0],
        audit_hash=audit[1],
        parts=parts,
    )


def _publish(folder: Path, final: Path, manifest: Manifest) -> None:
    write_manifest(folder, manifest)
    sync_tree(folder)
    folder.rename(final)
    sync_folder(final.parent)


def list_home_files(home: Path) -> Iterator[Path]:
    """The home's own files, relative to it: not the engines' data, nor what only a running post needs."""
    return list_files(home, _is_wanted)


def _is_wanted(path: Path) -> bool:
    return path.name not in _LEFT_OUT and not path.name.endswith(_LEFT_OUT_ENDINGS)


def _part_of(folder: Path, path: Path) -> Part:
    size, sha256 = hash_file(folder / path)
    return Part(str(path), size, sha256, stat.S_IMODE((folder / path).stat().st_mode))


def _copy(source: Path, folder: Path, name: str) -> Part | None:
    """Copy one file of the home; None when it went away meanwhile (a part file of something that was written)."""
    try:
        size, sha256 = copy_file(source, folder / name)
        mode = stat.S_IMODE(source.stat().st_mode)
    except FileNotFoundError:
        return None
    return Part(name, size, sha256, mode)


def _first_segment(label: Path) -> str:
    """The segment of the log at which recovery begins, from the backup's own label."""
    line = label.read_text("utf-8").split("\n", 1)[0]
    return line.partition("(file ")[2].rstrip(")")
