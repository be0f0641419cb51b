"""The pool speaks the Rows port and outlives its server."""

import asyncio
import os
import signal
from datetime import UTC, datetime

import pytest

from ondijon.infra.postgres.pool import DatabaseFull, DatabaseLost, PostgresRows
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.kernel.ports import Rows

pytestmark = pytest.mark.engines


async def test_jsonb_and_times_come_and_go_as_python_values(server: EmbeddedPostgres) -> None:
    async with await PostgresRows.open(server.dsn) as pool:
        rows: Rows = pool
        at = datetime(2026, 10, 5, 18, 0, tzinfo=UTC)
        content = {"steps": [{"from": "22:30", "level": 0.6}], "é": None}
        row = await rows.fetch_one("SELECT $1::jsonb AS j, $1::json AS k, $2::timestamptz AS at", content, at)
        assert row is not None
        assert (row["j"], row["k"], row["at"]) == (content, content, at)
        assert await rows.fetch_one("SELECT 1 WHERE false") is None
        assert [row["n"] for row in await rows.fetch("SELECT generate_series(1, 3) AS n")] == [1, 2, 3]


async def test_a_transaction_happens_all_or_not_at_all(server: EmbeddedPostgres) -> None:
    async with await PostgresRows.open(server.dsn) as rows:
        await rows.execute("CREATE TABLE t (n int, j jsonb)")
        with pytest.raises(ZeroDivisionError):
            async with rows.transaction() as transaction:
                await transaction.copy_rows("t", ("n", "j"), [(1, {"a": 1}), (2, None)])
                raise ZeroDivisionError
        assert await rows.fetch("SELECT n FROM t") == []
        async with rows.transaction() as transaction:
            await transaction.copy_rows("t", ("n", "j"), [(1, {"a": 1}), (2, None)])
        assert [tuple(row.values()) for row in await rows.fetch("SELECT n, j FROM t ORDER BY n")] == [
            (1, {"a": 1}),
            (2, None),
        ]


async def test_statements_wait_for_a_killed_server_to_come_back(server: EmbeddedPostgres) -> None:
    async with await PostgresRows.open(server.dsn, connections=4) as rows:
        await asyncio.gather(*(rows.fetch("SELECT pg_sleep(0.01)") for _ in range(4)))
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        await server.wait_exit()
        waiting = [asyncio.create_task(rows.fetch_one("SELECT 1 AS one")) for _ in range(8)]
        await server.start()
        for row in await asyncio.gather(*waiting):
            assert row is not None and row["one"] == 1


async def test_a_server_without_room_is_like_one_that_is_away(server: EmbeddedPostgres) -> None:
    async with await PostgresRows.open(server.dsn) as rows:
        with pytest.raises(DatabaseFull):
            await rows.execute("DO $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$")
        assert await rows.fetch_one("SELECT 1 AS one") is not None


async def test_a_statement_under_way_when_the_server_dies_is_told_as_lost(server: EmbeddedPostgres) -> None:
    async with await PostgresRows.open(server.dsn) as rows:
        started = asyncio.Event()

        async def wait_long() -> None:
            async with rows.transaction() as transaction:
                await transaction.execute("SELECT 1")
                started.set()
                await transaction.execute("SELECT pg_sleep(30)")

        statement = asyncio.create_task(wait_long())
        await started.wait()
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(DatabaseLost) as lost:
            await statement
        assert isinstance(lost.value, ConnectionError)


async def test_a_server_that_stays_away_is_told_as_lost(server: EmbeddedPostgres) -> None:
    async with await PostgresRows.open(server.dsn, patience_s=0) as rows:
        await server.stop()
        with pytest.raises(DatabaseLost):
            await rows.fetch("SELECT 1")
