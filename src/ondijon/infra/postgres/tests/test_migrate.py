"""Migrations are applied once, in order, and never silently changed."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

import ondijon
from ondijon.infra.postgres.migrate import Source, find_sources, migrate, read_source
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.kernel.clock import to_us
from ondijon.kernel.errors import Refused

NOW = datetime(2026, 10, 5, 18, 0, tzinfo=UTC)


class FixedClock:
    def now(self) -> datetime:
        return NOW

    def now_us(self) -> int:
        return to_us(NOW)


CLOCK = FixedClock()


def write(folder: Path, **files: str) -> Source:
    folder.mkdir(parents=True, exist_ok=True)
    for name, sql in files.items():
        (folder / f"{name.lstrip('_')}.sql").write_text(sql)
    return Source(folder.parent.name, folder)


def test_the_kernel_comes_first_then_the_room_then_trades_then_faces(tmp_path: Path) -> None:
    for part in ("apps/crew", "domains/waste", "domains/lighting", "control_room/incidents"):
        (tmp_path / part / "migrations").mkdir(parents=True)
    assert [source.name for source in find_sources(tmp_path)] == [
        "kernel",
        "control_room.incidents",
        "domains.lighting",
        "domains.waste",
        "apps.crew",
    ]


def test_a_file_name_that_is_not_number_and_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"error\.migration_bad_name"):
        read_source(write(tmp_path / "x" / "migrations", _1_first="SELECT 1"))


@pytest.mark.parametrize("second", ["_0001_again", "_0003_late"])
def test_a_number_used_twice_or_left_out_is_refused(tmp_path: Path, second: str) -> None:
    source = write(tmp_path / "x" / "migrations", _0001_first="SELECT 1", **{second: "SELECT 2"})
    with pytest.raises(Refused, match=r"error\.migration_bad_number"):
        read_source(source)


@pytest.mark.engines
class TestOnAServer:
    async def test_the_real_migrations_apply_and_a_second_run_finds_nothing(self, server: EmbeddedPostgres) -> None:
        sources = find_sources(Path(ondijon.__file__).parent)
        applied = await migrate(server.dsn, sources, CLOCK)
        assert applied[:2] == ["kernel/0001_kernel", "kernel/0002_readings"]
        assert await migrate(server.dsn, sources, CLOCK) == []

    async def test_two_processes_at_once_apply_each_file_once(self, server: EmbeddedPostgres, tmp_path: Path) -> None:
        source = write(tmp_path / "x" / "migrations", _0001_a="CREATE TABLE a ()", _0002_b="CREATE TABLE b ()")
        results = await asyncio.gather(*(migrate(server.dsn, [source], CLOCK) for _ in range(4)))
        assert sorted(name for applied in results for name in applied) == ["x/0001_a", "x/0002_b"]

    async def test_what_was_applied_is_remembered_with_the_clock_s_time(
        self, server: EmbeddedPostgres, tmp_path: Path
    ) -> None:
        await migrate(server.dsn, [write(tmp_path / "x" / "migrations", _0001_a="SELECT 1")], CLOCK)
        connection = await asyncpg.connect(server.dsn)
        row = await connection.fetchrow("SELECT source, number, name, applied_at FROM schema_migrations")
        await connection.close()
        assert tuple(row) == ("x", 1, "0001_a", NOW)

    async def test_a_changed_file_is_refused(self, server: EmbeddedPostgres, tmp_path: Path) -> None:
        folder = tmp_path / "x" / "migrations"
        await migrate(server.dsn, [write(folder, _0001_a="SELECT 1")], CLOCK)
        with pytest.raises(Refused, match=r"error\.migration_altered"):
            await migrate(server.dsn, [write(folder, _0001_a="SELECT 2")], CLOCK)

    async def test_a_file_that_vanished_is_refused(self, server: EmbeddedPostgres, tmp_path: Path) -> None:
        folder = tmp_path / "x" / "migrations"
        await migrate(server.dsn, [write(folder, _0001_a="SELECT 1", _0002_b="SELECT 2")], CLOCK)
        (folder / "0002_b.sql").unlink()
        with pytest.raises(Refused, match=r"error\.migration_missing"):
            await migrate(server.dsn, [Source("x", folder)], CLOCK)

    async def test_a_file_that_fails_leaves_nothing_behind(self, server: EmbeddedPostgres, tmp_path: Path) -> None:
        folder = tmp_path / "x" / "migrations"
        source = write(folder, _0001_a="CREATE TABLE half (); SELECT 1 / 0")
        with pytest.raises(Refused, match=r"error\.migration_failed"):
            await migrate(server.dsn, [source], CLOCK)
        assert await migrate(server.dsn, [write(folder, _0001_a="CREATE TABLE half ()")], CLOCK) == ["x/0001_a"]
