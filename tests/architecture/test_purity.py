"""Ruff refuses clocks, lots, I/O and engines in every pure place, and nowhere else."""

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.knows_only import IMPURE
from tests.architecture.purity import list_io_builtins
from tests.architecture.tree import PACKAGE, ROOT, write_tree

_PLACES = ["kernel/a.py", "kernel/deep/a.py", "automations/a.py"]
_PLACES += [
    f"{layer}/new_trade/{name}{tail}"
    for layer in ("domains", "control_room")
    for name in ("model", "rules", "alarms", "events", "commands")
    for tail in (".py", "/deep.py")
]
_PLACES += [f"drivers/new_driver/{name}{tail}" for name in ("mapping", "protocol") for tail in (".py", "/deep.py")]
_IMPURE_PLACES = [
    "kernel/tests/test_a.py", "domains/new_trade/desk.py", "domains/new_trade/tests/test_rules.py",
    "drivers/new_driver/connection.py", "infra/a.py", "runtime/a.py", "simulator/a.py", "cli.py",
]  # fmt: skip


def _list_banned_api(root: Path) -> list[tuple[str, str]]:
    # Ruff reads path patterns from where its configuration stands, so the same file goes along.
    shutil.copy(ROOT / "pyproject.toml", root)
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--no-cache",
        "--select",
        "TID251",
        "--output-format",
        "json",
    ]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode in (0, 1), run.stderr
    found = json.loads(run.stdout)
    return [(str(Path(item["filename"]).relative_to(root)), item["message"]) for item in found]


def _banned_names() -> list[str]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        lint = tomllib.load(file)["tool"]["ruff"]["lint"]
    return list(lint["flake8-tidy-imports"]["banned-api"])


def test_a_clock_is_refused_in_every_pure_place_and_only_there(tmp_path: Path) -> None:
    text = "from datetime import datetime as d\n\nNOW = d.now()\n"
    places = _PLACES + _IMPURE_PLACES
    write_tree(tmp_path, {f"src/ondijon/{place}": text for place in places})
    found = {file.removeprefix("src/ondijon/") for file, _ in _list_banned_api(tmp_path)}
    assert found == set(_PLACES)


def test_each_banned_name_is_refused(tmp_path: Path) -> None:
    names = _banned_names()
    for index, name in enumerate(names):
        module, _, tail = name.rpartition(".")
        if module.startswith("datetime."):
            text = f"import datetime\n\n{name}()\n"
        else:
            text = f"from {module} import {tail}\n" if module else f"import {name}\n"
        write_tree(tmp_path, {f"src/ondijon/kernel/a{index}.py": text})
    found = {file for file, _ in _list_banned_api(tmp_path)}
    assert found == {f"src/ondijon/kernel/a{index}.py" for index in range(len(names))}


def test_our_pure_code_calls_no_builtin_that_does_io() -> None:
    assert list_io_builtins(PACKAGE) == []


def test_a_builtin_that_does_io_is_refused_in_every_pure_place_and_only_there(tmp_path: Path) -> None:
    write_tree(tmp_path, {place: "TEXT = open('a').read()\n" for place in _PLACES + _IMPURE_PLACES})
    assert list_io_builtins(tmp_path) == sorted(f"{place}:1 open" for place in _PLACES)


@pytest.mark.parametrize("name", ["asyncio", "socket", "time", "random", "http"])
def test_ruff_and_the_pure_contract_agree(name: str) -> None:
    assert name in _banned_names()
    assert name in IMPURE


def test_the_pure_contract_knows_what_ruff_bans_from_the_standard_library() -> None:
    roots = {name for name in _banned_names() if "." not in name} & sys.stdlib_module_names
    assert roots <= IMPURE
