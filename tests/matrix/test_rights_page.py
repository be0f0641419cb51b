"""The page that a lawyer reads, the file that the city wrote, and the rights that apply say the same."""

import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest

import ondijon
from ondijon.kernel.identity import Verb
from tests.matrix.people import TABLE
from tests.matrix.stage import Stage

pytestmark = pytest.mark.engines

_FILE = Path(ondijon.__file__).parent / "cities/dijon/rights.toml"


async def test_the_page_says_what_the_file_says(stage: Stage) -> None:
    written: dict[str, Any] = tomllib.loads(_FILE.read_text("utf-8"))
    page = (await stage.desk.ask("GET", "/api/rights", "observer")).json()
    shown = {role.pop("key"): role for role in page["roles"]}
    city_lock = written["idle_lock_min"]
    assert shown == {key: {"idle_lock_min": city_lock, **role} for key, role in written["roles"].items()}
    assert [verb["key"] for verb in page["verbs"]] == list(get_args(Verb))
    for verb in page["verbs"]:
        # Plain words in both languages, never the key itself.
        assert verb["key"] not in (verb["fr"], verb["en"]) and verb["fr"] != verb["en"]


async def test_a_role_holds_what_the_page_says(stage: Stage) -> None:
    page = (await stage.desk.ask("GET", "/api/rights", "shift_leader")).json()
    shown = {role["key"]: role["verbs"] for role in page["roles"]}
    for role in TABLE.roles:
        me = (await stage.desk.ask("GET", "/api/session", role)).json()
        assert [grant["verbs"] for grant in me["grants"]] == [shown[role]]
    audited = {holder["username"]: holder["grants"] for holder in page["people"]}
    assert audited["operator"] == [{"role": "operator", "communes": ["21001"], "trades": ["*"]}]
    # Somebody who holds rights everywhere holds them here too; where else is not told.
    assert audited["maker"] == [{"role": "maker", "communes": ["*"], "trades": ["*"]}]
    assert "stranger" not in audited
