"""An outside server is used as it is, or refused with the reason."""

from pathlib import Path

import asyncpg
import pytest

from ondijon.infra.postgres.external import DATABASE_URL, ExternalPostgres, postgres_from
from ondijon.infra.postgres.server import SUPERUSER, EmbeddedPostgres
from ondijon.kernel.errors import Refused

pytestmark = pytest.mark.engines


def test_the_environment_chooses_the_server(home: Path) -> None:
    assert isinstance(postgres_from(home, {}), EmbeddedPostgres)
    outside = postgres_from(home, {DATABASE_URL: "postgresql://somewhere/ondijon"})
    assert isinstance(outside, ExternalPostgres)
    assert outside.dsn == "postgresql://somewhere/ondijon"


async def test_a_good_server_passes_its_check(server: EmbeddedPostgres) -> None:
    outside = ExternalPostgres(server.dsn)
    await outside.start()
    await outside.ready()
    await outside.stop()
    assert await outside.wait_exit() == 0


async def test_a_server_that_would_lose_writes_is_refused(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.dsn_for(SUPERUSER))
    await connection.execute("ALTER ROLE ondijon SET synchronous_commit = off")
    await connection.close()
    with pytest.raises(Refused, match=r"error\.postgres_would_lose_writes"):
        await ExternalPostgres(server.dsn).start()


async def test_a_server_that_gives_no_right_to_make_tables_is_refused(server: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(server.dsn_for(SUPERUSER))
    await connection.execute("CREATE ROLE guest LOGIN")
    await connection.close()
    with pytest.raises(Refused, match=r"error\.postgres_may_not_create"):
        await ExternalPostgres(server.dsn_for("guest")).start()


async def test_an_unknown_role_or_database_is_refused_at_once(server: EmbeddedPostgres) -> None:
    for dsn in (server.dsn_for("nobody_here"), server.dsn_for(SUPERUSER, "no_such_database")):
        with pytest.raises(Refused, match=r"error\.postgres_sign_in"):
            await ExternalPostgres(dsn).start()


async def test_a_server_that_never_answers_is_told_as_unreachable(home: Path) -> None:
    with pytest.raises(Refused, match=r"error\.postgres_unreachable"):
        await ExternalPostgres(f"postgresql://x@/x?host={home}").start(limit_s=0)


async def test_a_url_that_is_none_is_refused() -> None:
    with pytest.raises(Refused, match=r"error\.postgres_bad_url"):
        await ExternalPostgres("mysql://localhost/x").start()
