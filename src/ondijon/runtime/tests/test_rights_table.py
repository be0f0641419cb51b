"""The rights table is the one source of what people may do."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest

from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.errors import Refused
from ondijon.kernel.identity import GLASS_VERBS, Grant
from ondijon.runtime.rights_table import read_rights, refresh_verbs
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import SequentialIds
from ondijon.web.accounts import create_user

CITIES = sorted((Path(__file__).parents[2] / "cities").glob("*/rights.toml"))
TABLE = """
idle_lock_min = 10
[roles.operator]
fr = "Opérateur"
en = "Operator"
verbs = ["see", "log"]
[roles.wall]
fr = "Mur"
en = "Wall"
verbs = ["see"]
idle_lock_min = 0
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture
async def rows(home: Path) -> AsyncIterator[PostgresRows]:
    async with fresh_rows(home) as found:
        yield found


@pytest.mark.parametrize("path", CITIES, ids=lambda path: path.parent.name)
def test_every_city_has_a_table_whose_walls_do_not_lock_and_nobody_else_s_screens_stay_open(path: Path) -> None:
    table = read_rights(path)
    assert {role.idle_lock_min for key, role in table.roles.items() if key != "wall"} == {15}
    assert table.roles["wall"].idle_lock_min == 0 and table.roles["wall"].verbs == ("see",)
    for account in table.demo:
        assert table.grant(account).verbs == table.roles[account.role].verbs
    # Emergency access is nobody's role, and never gives what the room's own rules are made of.
    assert not {"configure", "audit"} & set(GLASS_VERBS)


def test_a_role_that_says_nothing_locks_as_the_city_says(tmp_path: Path) -> None:
    path = tmp_path / "rights.toml"
    path.write_text(TABLE, "utf-8")
    roles = read_rights(path).roles
    assert (roles["operator"].idle_lock_min, roles["wall"].idle_lock_min) == (10, 0)


WRONG = (
    TABLE.replace('"log"', '"look"'),
    TABLE.replace("idle_lock_min = 10", "idle_lock_min = 'ten'"),
    TABLE.replace('fr = "Mur"', "fr = 1"),
    "roles = 1",
    "[roles.x",
)


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_no_table_is_refused(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "rights.toml"
    path.write_text(wrong, "utf-8")
    with pytest.raises(Refused):
        read_rights(path)


@pytest.mark.engines
async def test_a_change_of_the_file_reaches_every_account_at_the_next_start(rows: PostgresRows, tmp_path: Path) -> None:
    path = tmp_path / "rights.toml"
    path.write_text(TABLE, "utf-8")
    old = (Grant("operator", ("*",), ("*",), ("see", "command")), Grant("gone", ("21001",), ("*",), ("see",)))
    await create_user(rows, SequentialIds(), "amine", "Amine", "long enough", old)
    table = read_rights(path)
    assert [await refresh_verbs(rows, table) for _ in range(2)] == [1, 0]
    (row,) = await rows.fetch("SELECT grants FROM users")
    assert msgspec.convert(row["grants"], tuple[Grant, ...]) == (
        Grant("operator", ("*",), ("*",), ("see", "log")),
        Grant("gone", ("21001",), ("*",), ()),
    )
