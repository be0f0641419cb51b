"""The standby takes over from a primary killed under load with everything that was acknowledged."""

import asyncio
import os
import signal
from pathlib import Path

import asyncpg
import pytest

from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.infra.postgres.standby import (
    open_standby,
    promote,
    seed_standby,
    wait_for_standby,
    wait_in_step,
)
from ondijon.kernel.errors import NotFound, Refused

pytestmark = pytest.mark.engines

WRITERS = 8
ACKED_BEFORE_THE_KILL = 400
TAKEOVER_LIMIT_S = 30.0


def fresh(home: Path, name: str) -> Path:
    folder = home / name
    folder.mkdir(mode=0o711)
    return folder


async def write(dsn: str, writer: int, acked: list[int]) -> None:
    """Commit one row after another until the server is gone; only what the server confirmed is noted."""
    connection = await asyncpg.connect(dsn)
    number = writer
    try:
        while True:
            await connection.execute("INSERT INTO kept VALUES ($1)", number)
            acked.append(number)
            number += WRITERS
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        connection.terminate()


async def kept(server: EmbeddedPostgres) -> set[int]:
    connection = await asyncpg.connect(server.dsn)
    try:
        return {row["n"] for row in await connection.fetch("SELECT n FROM kept")}
    finally:
        await connection.close()


async def test_a_primary_killed_under_load_loses_nothing_that_was_acknowledged(home: Path) -> None:
    first, second = fresh(home, "first"), fresh(home, "second")
    acked: list[int] = []
    async with EmbeddedPostgres(first) as primary:
        connection = await asyncpg.connect(primary.dsn)
        await connection.execute("CREATE TABLE kept (n bigint PRIMARY KEY)")
        await connection.close()
        await seed_standby(primary, first, second)
        async with open_standby(second) as standby:
            await wait_for_standby(primary, wanted=True)
            await wait_in_step(primary, TAKEOVER_LIMIT_S)
            with pytest.raises(Refused, match=r"error\.standby_primary_lives"):
                await promote(standby, second, "ondijon")
            writers = [asyncio.create_task(write(primary.dsn, writer, acked)) for writer in range(WRITERS)]
            async with asyncio.timeout(60):
                while len(acked) < ACKED_BEFORE_THE_KILL:
                    await asyncio.wait(writers, timeout=0.02)
            assert primary.pid is not None
            began_s = asyncio.get_running_loop().time()
            os.kill(primary.pid, signal.SIGKILL)
            await primary.wait_exit()
            await asyncio.gather(*writers)
            await promote(standby, second, "ondijon")
            rows = await kept(standby)
            takeover_s = asyncio.get_running_loop().time() - began_s
    lost = set(acked) - rows
    print(f"acked {len(acked)}, lost {len(lost)}, took over in {takeover_s:.2f} s")
    assert not lost
    assert len(acked) >= ACKED_BEFORE_THE_KILL
    assert takeover_s < TAKEOVER_LIMIT_S
    with pytest.raises(Refused, match=r"error\.home_superseded"):
        await EmbeddedPostgres(first).start()
    async with EmbeddedPostgres(second) as server:
        assert await kept(server) == rows
    with pytest.raises(NotFound, match=r"error\.standby_follows_none"):
        open_standby(second)


async def test_without_its_standby_a_primary_waits_rather_than_promise_what_one_disk_alone_holds(home: Path) -> None:
    first, second = fresh(home, "first"), fresh(home, "second")
    async with EmbeddedPostgres(first) as primary:
        await seed_standby(primary, first, second)
        async with open_standby(second):
            await wait_for_standby(primary, wanted=True)
            await wait_in_step(primary, TAKEOVER_LIMIT_S)
        with pytest.raises(Refused, match=r"error\.home_is_standby"):
            await EmbeddedPostgres(second).start()
        connection = await asyncpg.connect(primary.dsn)
        writing = asyncio.create_task(connection.execute("CREATE TABLE kept (n int)"))
        assert not (await asyncio.wait({writing}, timeout=0.5))[0]
        await wait_for_standby(primary, wanted=False)
        await asyncio.wait_for(writing, 10)
        await connection.close()
        with pytest.raises(Refused, match=r"error\.restore_home_not_empty"):
            await seed_standby(primary, first, second)
