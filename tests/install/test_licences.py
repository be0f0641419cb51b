"""Every locked dependency has a licence that may stand beside the EUPL."""

import json
from pathlib import Path

import pytest

from scripts import licences


def test_every_locked_dependency_has_an_allowed_licence() -> None:
    assert [line for line in licences.list_all() if not licences.is_allowed(line[1])] == []


@pytest.mark.parametrize("expression", ["MIT", "MIT AND PSF-2.0", "EPL-2.0 OR GPL-3.0-only", "(MIT OR X) AND ISC"])
def test_an_expression_with_an_allowed_choice_passes(expression: str) -> None:
    assert licences.is_allowed(expression)


@pytest.mark.parametrize("expression", ["", "SSPL-1.0", "MIT AND SSPL-1.0", "BUSL-1.1 OR SSPL-1.0", "not installed"])
def test_any_other_expression_is_refused(expression: str) -> None:
    assert not licences.is_allowed(expression)


def test_a_locked_package_without_a_licence_is_refused(tmp_path: Path) -> None:
    packages = {"": {}, "node_modules/a": {"version": "1", "license": "MIT"}, "node_modules/b": {"version": "2"}}
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps({"packages": packages}))
    found = dict(licences.list_npm(lock))
    assert {name for name, licence in found.items() if not licences.is_allowed(licence)} == {"b@2"}


def test_a_locked_distribution_that_is_not_installed_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "dev.txt"
    lock.write_text("no-such-distribution==1.0 \\\n    --hash=sha256:00\npytest==1 ; python_version < '3' \\\n")
    found = dict(licences.list_python(lock))
    assert list(found.values()) == ["not installed"]
