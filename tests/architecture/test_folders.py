"""Trades, packages, cities and drivers keep the shape that the architecture gives them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture import folders
from tests.architecture.tree import PACKAGE, write_tree

Check = Callable[[Path], list[str]]
CHECKS: list[Check] = [
    folders.list_strangers,
    folders.list_folders_without_init,
    folders.list_code_in_cities,
    folders.list_undeclared_trades,
]
TRADE = {"manifest.py": "", "strings.fr.json": "{}", "strings.en.json": "{}"}
SOUND = {
    **{f"domains/waste/{name}": text for name, text in TRADE.items()},
    **{f"control_room/calls/{name}": text for name, text in TRADE.items()},
    "domains/waste/rules/filling.py": "",
    "domains/waste/migrations/0001_bins.sql": "",
    "domains/waste/tests/test_rules.py": "",
    "cities/dijon/city.toml": "",
    "drivers/rsmp/manifest.py": 'DRIVER = Driver(trade="traffic_signals")',
    "drivers/rsmp/mapping.py": "from ondijon.domains.traffic_signals import model",
}
BREACHES: list[tuple[Check, str, str]] = [
    (folders.list_strangers, "domains/waste/service.py", ""),
    (folders.list_strangers, "domains/waste/notes.md", ""),
    (folders.list_strangers, "domains/waste/helpers/a.py", ""),
    (folders.list_strangers, "control_room/calls/engine.py", ""),
    (folders.list_code_in_cities, "cities/dijon/rules.py", ""),
    (folders.list_undeclared_trades, "drivers/rsmp/new.py", "from ondijon.domains.lighting import model"),
    (folders.list_undeclared_trades, "drivers/mqtt/mapping.py", "import ondijon.domains.lighting.model"),
    (folders.list_undeclared_trades, "drivers/mqtt/mapping.py", "from ondijon.domains import lighting"),
    (folders.list_undeclared_trades, "drivers/rsmp/manifest/b.py", 'D = Driver(trade="bollards")'),
]


@pytest.mark.parametrize("check", CHECKS)
def test_our_folders_have_the_shape(check: Check) -> None:
    assert check(PACKAGE) == []


@pytest.mark.parametrize("check", CHECKS)
def test_a_sound_tree_has_the_shape(check: Check, tmp_path: Path) -> None:
    assert check(write_tree(tmp_path, SOUND)) == []


@pytest.mark.parametrize(("check", "file", "text"), BREACHES)
def test_a_stranger_is_found(check: Check, file: str, text: str, tmp_path: Path) -> None:
    assert len(check(write_tree(tmp_path, {**SOUND, file: text}))) == 1


@pytest.mark.parametrize("missing", sorted(TRADE))
def test_a_trade_without_one_of_its_own_files_is_found(missing: str, tmp_path: Path) -> None:
    files = {name: text for name, text in SOUND.items() if name != f"domains/waste/{missing}"}
    assert len(folders.list_strangers(write_tree(tmp_path, files))) == 1


def test_a_folder_that_the_contracts_would_not_see_is_found(tmp_path: Path) -> None:
    write_tree(tmp_path, SOUND)
    (tmp_path / "domains" / "waste" / "rules" / "__init__.py").unlink()
    assert folders.list_folders_without_init(tmp_path) == ["domains/waste/rules"]
