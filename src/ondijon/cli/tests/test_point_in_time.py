"""Any moment that the archived log holds can be reached, and a log with a wrong bit or a gap is refused."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from ondijon.cli.backup import check, find_backup, restore
from ondijon.cli.backup_settings import SETTINGS, log_archive_of
from ondijon.cli.prepare import make_tables
from ondijon.infra.backup.take import Source, take_backup
from ondijon.infra.backup.wal import list_log_damage, list_segments, seal_segments
from ondijon.infra.clocks import SystemClock
from ondijon.infra.postgres.born import read_birth
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.kernel.errors import Refused
from ondijon.kernel.identity import THE_POST
from ondijon.runtime.audit_log import append_audit
from ondijon.testing.database import database_home

pytestmark = pytest.mark.engines

ARCHIVED_WITHIN_S = 20.0


@pytest.fixture
def root() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


async def act(rows: PostgresRows, subject: str) -> datetime:
    """Do one act; returns a moment after it and before whatever comes next."""
    async with rows.transaction() as tx:
        await append_audit(tx, SystemClock(), THE_POST.pseudonym, "test.done", subject, {})
    return datetime.now(UTC)


async def archived(server: EmbeddedPostgres) -> None:
    """Wait until the archive has told that all of the log until now is on its disk."""
    connection = await asyncpg.connect(server.superuser_dsn)
    try:
        wanted = await connection.fetchval("SELECT pg_current_wal_flush_lsn()::text")
        has = "SELECT count(*) FROM pg_stat_replication WHERE flush_lsn >= $1::text::pg_lsn"
        async with asyncio.timeout(ARCHIVED_WITHIN_S):
            while not await connection.fetchval(has, wanted):
                await asyncio.wait({asyncio.create_task(server.wait_exit())}, timeout=0.05)
    finally:
        await connection.close()


async def subjects(home: Path) -> list[str]:
    async with EmbeddedPostgres(home) as server, await PostgresRows.open(server.post_dsn, connections=1) as rows:
        return [line["subject"] for line in await rows.fetch("SELECT subject FROM audit ORDER BY line_no")]


def fresh(root: Path, name: str) -> Path:
    folder = root / name
    folder.mkdir(mode=0o711)
    return folder


async def live(root: Path, home: Path) -> tuple[Path, datetime]:
    """Act, back up, act, switch segments, act; returns the backup and a moment between the last two acts."""
    async with EmbeddedPostgres(home) as server:
        await make_tables(server, SystemClock())
        archive = log_archive_of(home, server)
        assert archive is not None
        await archive.start()
        async with await PostgresRows.open(server.post_dsn, connections=1) as rows:
            await act(rows, "before")
            backup = await take_backup(Source("dijon", home, server, None, home / "lake"), root / "kept")
            await act(rows, "after")
            async with await PostgresRows.open(server.superuser_dsn, connections=1) as over:
                await over.execute("SELECT pg_switch_wal()")
            between = await act(rows, "later")
            await act(rows, "unwanted")
        await archived(server)
        await archive.stop()
    return backup, between


async def test_rows_come_back_as_they_were_at_a_moment_or_as_far_as_the_log_goes(root: Path) -> None:
    home = fresh(root, "lived")
    (home / SETTINGS).write_text(f'folder = "{root}/kept"\n', "utf-8")
    backup, between = await live(root, home)
    manifest = await check(backup)
    log = root / "kept" / "wal" / manifest.incarnation
    assert find_backup(root / "kept", between) == backup

    then = fresh(root, "then")
    verdict = await restore(backup, manifest, then, between)
    assert verdict.finding is None
    assert await subjects(then) == ["before", "after", "later", backup.name]

    latest = fresh(root, "latest")
    await restore(backup, manifest, latest, None)
    assert await subjects(latest) == ["before", "after", "later", "unwanted", backup.name]

    too_late = fresh(root, "too-late")
    with pytest.raises(Refused, match=r"error\.restore_log_too_short"):
        await restore(backup, manifest, too_late, datetime.now(UTC) + timedelta(days=1))
    with pytest.raises(Refused, match=r"error\.home_half_restored"):
        await EmbeddedPostgres(too_late).start()

    seal_segments(log)
    segments = [path for path in list_segments(log, manifest.begins_at).values() if path.suffix != ".partial"]
    whole = segments[0].read_bytes()
    segments[0].write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    with pytest.raises(Refused, match=r"error\.backup_log_damaged"):
        await check(backup)
    alone = fresh(root, "alone")
    await restore(backup, await check(backup, alone=True), alone, None, alone=True)
    assert await subjects(alone) == ["before", backup.name]


def test_a_log_may_begin_where_the_backup_ends_and_has_no_gap_after_it(tmp_path: Path) -> None:
    first, held = "00000001000000000000000A", "00000001000000000000000B"
    for segment in ("0B", "0C", "0D", "FF"):
        (tmp_path / f"0000000100000000000000{segment}").write_bytes(b"log")
    (tmp_path / "000000010000000100000000.partial").write_bytes(b"log")
    assert list(list_log_damage(tmp_path, first, held)) == ["0000000100000000000000FF (gap)"]
    assert list(list_log_damage(tmp_path, first, first)) == ["0000000100000000000000FF (gap)"]
    (tmp_path / "00000001000000000000000B").unlink()
    assert list(list_log_damage(tmp_path, first, first)) == [
        "00000001000000000000000C (gap)",
        "0000000100000000000000FF (gap)",
    ]
    assert seal_segments(tmp_path) == 3 and seal_segments(tmp_path) == 0
    (tmp_path / "00000001000000000000000D").write_bytes(b"lag")
    assert "00000001000000000000000D (altered)" in list(list_log_damage(tmp_path, first, held))


async def test_an_archive_that_was_away_too_long_goes_on_under_another_name(root: Path) -> None:
    home = fresh(root, "lived")
    (home / SETTINGS).write_text(f'folder = "{root}/kept"\n', "utf-8")
    async with EmbeddedPostgres(home, settings={"max_slot_wal_keep_size": "0"}) as server:
        archive = log_archive_of(home, server)
        assert archive is not None
        await archive.start()
        await archived(server)
        await archive.stop()
        former = read_birth(home)
        async with await PostgresRows.open(server.superuser_dsn, connections=1) as over:
            for _ in range(3):
                await over.execute("SELECT pg_logical_emit_message(false, 'test', 'x'), pg_switch_wal()")
            await over.execute("CHECKPOINT")
        await archive.start()
        await archived(server)
        await archive.stop()
        latter = read_birth(home)
    assert former is not None and latter is not None and former.incarnation != latter.incarnation
    assert sorted(one.name for one in (root / "kept" / "wal").iterdir()) == sorted(
        [former.incarnation, latter.incarnation]
    )
