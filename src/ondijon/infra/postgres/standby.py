"""A second server follows the first; every commit waits for it, so that it can take over without a loss."""

import asyncio
import os
import shutil
from pathlib import Path

import asyncpg
import msgspec
from msgspec import Struct

from ondijon.infra.postgres.born import STANDBY_NAME, SUPERSEDED_NAME, note_birth
from ondijon.infra.postgres.orphan import find_server
from ondijon.infra.postgres.programs import take_base_backup
from ondijon.infra.postgres.server import SUPERUSER, EmbeddedPostgres
from ondijon.kernel.errors import NotFound, Refused

FOLLOWER = "ondijon_standby"
_PROMOTE_S = 60


class Following(Struct, frozen=True):
    """Whom a home follows."""

    of: str


async def seed_standby(primary: EmbeddedPostgres, primary_home: Path, home: Path) -> None:
    """Copy the running primary into an empty home that will follow it; raises Refused when something is there."""
    standby = EmbeddedPostgres(home, is_standby=True)
    place = standby.place
    if place.data_dir.exists():
        raise Refused("error.restore_home_not_empty", folder=str(home))
    fresh = place.data_dir.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    await take_base_backup(primary.place, SUPERUSER, fresh)
    (fresh / "standby.signal").touch(0o600)
    # What the primary was told by ALTER SYSTEM is the primary's.
    (fresh / "postgresql.auto.conf").write_text("", "ascii")
    if place.account is not None:
        for path in (fresh, *fresh.rglob("*")):
            os.chown(path, place.account.uid, place.account.gid)
    fresh.rename(place.data_dir)
    (home / STANDBY_NAME).write_bytes(msgspec.json.encode(Following(str(primary_home.resolve()))))


def open_standby(home: Path) -> EmbeddedPostgres:
    """The server of a home that follows another; raises NotFound when it follows none."""
    followed = EmbeddedPostgres(read_followed(home))
    target = f"host={followed.place.socket_dir} user={SUPERUSER} application_name={FOLLOWER}"
    return EmbeddedPostgres(home, settings={"primary_conninfo": target}, is_standby=True)


def read_followed(home: Path) -> Path:
    """The home that this one follows; raises NotFound."""
    try:
        return Path(msgspec.json.decode((home / STANDBY_NAME).read_bytes(), type=Following).of)
    except FileNotFoundError as error:
        raise NotFound("error.standby_follows_none", folder=str(home)) from error


async def wait_for_standby(primary: EmbeddedPostgres, *, wanted: bool) -> None:
    """From now on every commit of the primary waits until the standby has it on its disk; or, not wanted, no more."""
    names = f"ANY 1 ({FOLLOWER})" if wanted else ""
    connection = await asyncpg.connect(primary.superuser_dsn)
    try:
        await connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()


async def wait_in_step(primary: EmbeddedPostgres, limit_s: float) -> None:
    """Wait until the primary says that its commits wait for the standby; raises Refused after `limit_s`."""
    connection = await asyncpg.connect(primary.superuser_dsn)
    in_step = (
        "SELECT count(*) FROM pg_stat_replication WHERE application_name = $1 AND sync_state IN ('sync', 'quorum')"
    )
    try:
        async with asyncio.timeout(limit_s):
            while not await connection.fetchval(in_step, FOLLOWER):
                await asyncio.sleep(0.1)
    except TimeoutError as error:
        raise Refused("error.standby_not_in_step", limit_s=limit_s) from error
    finally:
        await connection.close()


async def promote(standby: EmbeddedPostgres, home: Path, database: str) -> None:
    """Make a running standby the first server; the home it followed never starts again.

    Raises Refused while that one's server still runs: two first servers would part ways.
    """
    former = read_followed(home)
    if find_server(EmbeddedPostgres(former).place.data_dir) is not None:
        raise Refused("error.standby_primary_lives", folder=str(former))
    (former / SUPERSEDED_NAME).write_text(str(home), "utf-8")
    connection = await asyncpg.connect(standby.superuser_dsn)
    try:
        if not await connection.fetchval("SELECT pg_promote(true, $1)", _PROMOTE_S):
            raise Refused("error.standby_not_promoted", folder=str(home))
    finally:
        await connection.close()
    note_birth(home, database)
    (home / STANDBY_NAME).unlink()
