"""Each import contract holds on our code and fails on a throwaway package that breaks it."""

import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.application import use_cases
from importlinter.configuration import configure

from tests.architecture.tree import PACKAGE, ROOT, write_tree

configure()

# A small house in which everything that is allowed happens.
SOUND = {
    "ondijon/__init__.py": "",
    "ondijon/cli.py": "from ondijon import apps, cities, domains, drivers, infra, runtime, simulator, web",
    "ondijon/cities/__init__.py": "",
    "ondijon/kernel/errors.py": "",
    "ondijon/kernel/ids.py": "import re, numpy\nfrom uuid import UUID\nfrom ondijon.kernel import errors",
    "ondijon/kernel/tests/test_ids.py": "import time\nfrom ondijon.testing import builders",
    "ondijon/domains/lighting/model.py": "import msgspec\nfrom ondijon.kernel import ids",
    "ondijon/domains/lighting/rules.py": "from ondijon.domains.lighting import model",
    "ondijon/domains/lighting/desk.py": "import asyncio\nfrom ondijon.domains.lighting import rules",
    "ondijon/domains/waste/model.py": "from ondijon.kernel import ids",
    "ondijon/control_room/incidents/model.py": "from ondijon.kernel import ids",
    "ondijon/control_room/calls/model.py": "from ondijon.kernel import ids",
    "ondijon/automations/dark_street.py": "from ondijon.domains.lighting import model\nimport numpy",
    "ondijon/automations/cold_night.py": "from ondijon.domains.waste import model",
    "ondijon/drivers/mqtt/protocol.py": "import cbor2\nfrom ondijon.kernel import errors",
    "ondijon/drivers/mqtt/mapping.py": "from ondijon.drivers.mqtt import protocol",
    "ondijon/drivers/mqtt/connection.py": "import gmqtt, asyncio\nfrom ondijon.drivers.mqtt import mapping",
    "ondijon/drivers/talq/mapping.py": "from ondijon.domains.lighting import model",
    "ondijon/web/sessions.py": "import litestar\nfrom ondijon.kernel import ids",
    "ondijon/runtime/post.py": "import asyncio\nfrom ondijon.kernel import ids",
    "ondijon/infra/postgres/rows.py": "import asyncpg\nfrom ondijon.kernel import ids",
    "ondijon/simulator/lamps.py": "import random\nfrom ondijon.kernel import ids",
    "ondijon/apps/console/routes.py": "import litestar\nfrom ondijon.web import sessions",
    "ondijon/apps/crew/routes.py": "from ondijon.web import sessions",
    "ondijon/testing/builders.py": "import ondijon.infra.postgres.rows, ondijon.apps.crew.routes",
}

LIGHTING = "from ondijon.domains.lighting import model"
# contract id -> (file, text) pairs, each of which must break it; what is named new_* is configured nowhere.
BREACHES: dict[str, list[tuple[str, str]]] = {
    "layers": [
        ("kernel/ids.py", LIGHTING),
        ("domains/new_trade/desk.py", "from ondijon.drivers.mqtt import protocol"),
        ("domains/new_trade/desk.py", "from ondijon.control_room.calls import model"),
        ("drivers/new_driver/mapping.py", "from ondijon.automations import dark_street"),
        ("web/live.py", "from ondijon.runtime import post"),
        ("infra/nats/bus.py", "from ondijon.apps.crew import routes"),
        ("apps/crew/routes.py", "from ondijon import cli"),
        ("new_folder/__init__.py", ""),
    ],
    "independent-domains": [
        ("domains/new_trade/desk.py", LIGHTING),
        ("domains/waste/deep/er.py", LIGHTING),
    ],
    "independent-control-room": [("control_room/calls/desk.py", "from ondijon.control_room.incidents import model")],
    "independent-drivers": [("drivers/new_driver/mapping.py", "from ondijon.drivers.mqtt import protocol")],
    "independent-apps": [("apps/new_face/routes.py", "from ondijon.apps.console import routes")],
    "independent-automations": [("automations/new_rule.py", "from ondijon.automations import dark_street")],
    "kernel-knows-itself": [
        ("kernel/ids.py", "from ondijon.testing import builders"),
        ("kernel/ids.py", LIGHTING),
    ],
    "trades-know-the-kernel": [
        ("domains/new_trade/desk.py", "from ondijon.infra.postgres import rows"),
        ("control_room/new_part/desk.py", LIGHTING),
        ("domains/new_trade/desk.py", "from ondijon.testing import builders"),
    ],
    "drivers-know": [
        ("drivers/new_driver/connection.py", "from ondijon.infra.postgres import rows"),
        ("drivers/new_driver/connection.py", "from ondijon.control_room.calls import model"),
    ],
    "generic-driver": [("drivers/mqtt/new_file.py", LIGHTING)],
    "protocol-sans-io": [
        ("drivers/new_driver/protocol.py", "from ondijon.kernel import ids"),
        ("drivers/new_driver/protocol.py", "import socket"),
        ("drivers/new_driver/protocol/frames.py", "import asyncio"),
        ("drivers/new_driver/protocol.py", "import gmqtt"),
    ],
    "engines-know-the-kernel": [
        ("simulator/codec.py", "from ondijon.drivers.mqtt import protocol"),
        ("web/new_file.py", LIGHTING),
        ("runtime/new_file.py", "from ondijon.automations import dark_street"),
        ("infra/new_engine/rows.py", "from ondijon.drivers.mqtt import protocol"),
    ],
    "apps-use-ports": [
        ("apps/new_face/routes.py", "from ondijon.infra.postgres import rows"),
        ("apps/new_face/routes.py", "from ondijon.runtime import post"),
        ("apps/new_face/routes.py", "from ondijon.simulator import lamps"),
    ],
    "pure": [
        ("kernel/new_file.py", "import time"),
        ("kernel/new_file.py", "import asyncio"),
        ("kernel/new_file.py", "import litestar"),
        ("domains/new_trade/model.py", "import asyncpg"),
        ("domains/new_trade/rules/deep.py", "import socket"),
        ("domains/new_trade/alarms.py", "from http import client"),
        ("domains/new_trade/events.py", "import a_framework_nobody_listed"),
        ("domains/lighting/commands.py", "from ondijon.domains.lighting import desk"),
        *(
            (f"{layer}/new_part/{name}.py", "import random")
            for layer in ("domains", "control_room")
            for name in ("model", "rules", "alarms", "events", "commands")
        ),
        ("automations/new_rule.py", "from time import time"),
        ("drivers/new_driver/mapping/deep.py", "import gmqtt"),
        ("drivers/mqtt/mapping.py", "from ondijon.drivers.mqtt import connection"),
    ],
    "testing-for-tests": [("cli.py", "from ondijon.testing import builders")],
}


def _is_kept(contract: str, source: Path, patch: pytest.MonkeyPatch) -> bool:
    patch.syspath_prepend(source)
    patch.delitem(sys.modules, "ondijon", raising=False)
    # Debug mode raises on a wrong configuration, which would otherwise look like a broken contract.
    return use_cases.lint_imports(
        config_filename=str(ROOT / "pyproject.toml"),
        limit_to_contracts=(contract,),
        cache_dir=None,
        is_debug_mode=True,
        no_logo=True,
    )


def _list_contracts() -> list[str]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return [contract["id"] for contract in tomllib.load(file)["tool"]["importlinter"]["contracts"]]


@pytest.mark.parametrize("contract", _list_contracts())
def test_our_code_keeps_the_contract(contract: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _is_kept(contract, PACKAGE.parent, monkeypatch)


@pytest.mark.parametrize("contract", _list_contracts())
def test_a_sound_house_keeps_the_contract(contract: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _is_kept(contract, write_tree(tmp_path, SOUND), monkeypatch)


@pytest.mark.parametrize(
    ("contract", "file", "text"),
    [(contract, file, text) for contract, cases in BREACHES.items() for file, text in cases],
)
def test_a_breach_breaks_the_contract(
    contract: str, file: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {**SOUND, f"ondijon/{file}": text}
    if "/deep" in file:  # the module has become a package
        files.pop(f"ondijon/{Path(file).parent}.py", None)
    assert not _is_kept(contract, write_tree(tmp_path, files), monkeypatch)


def test_every_contract_has_a_breach_that_must_fail() -> None:
    assert sorted(BREACHES) == sorted(_list_contracts())
