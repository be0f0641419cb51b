"""The locks hold a hash for every distribution, no address, and what pyproject.toml asks for."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.tree import ROOT

LOCKS = ["build", "run", "dev"]
_HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def list_faults(text: str) -> list[str]:
    """What is wrong with a lock's text."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    faults = [line for line in lines if re.search(r"://|^-|@ |(^|\s)/", line)]
    for index, line in enumerate(lines):
        if line.startswith(" "):
            faults += [] if _HASH.match(line) else [line]
        elif "==" not in line or not _HASH.match(lines[index + 1] if index + 1 < len(lines) else ""):
            faults.append(line)
    return faults


def list_unmet(lock: str, asked: list[str]) -> list[str]:
    """Requirements that the lock's text does not answer."""
    pinned: dict[str, list[Requirement]] = {}
    for line in lock.splitlines():
        if "==" in line and not line.startswith(("#", " ")):
            pin = Requirement(line.rstrip(" \\"))
            pinned.setdefault(canonicalize_name(pin.name), []).append(pin)
    return [
        text
        for text in asked
        if not any(
            _answers(pin, Requirement(text)) for pin in pinned.get(canonicalize_name(Requirement(text).name), [])
        )
    ]


def _answers(pin: Requirement, asked: Requirement) -> bool:
    return all(asked.specifier.contains(specifier.version) for specifier in pin.specifier)


def _read(lock: str) -> str:
    return (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")


def _list_asked(lock: str) -> list[str]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        pyproject = tomllib.load(file)
    if lock == "build":
        return [*pyproject["dependency-groups"]["build"], *pyproject["build-system"]["requires"]]
    project = pyproject["project"]
    extra: list[str] = project["optional-dependencies"]["dev"] if lock == "dev" else []
    return [*project["dependencies"], *extra]


@pytest.mark.parametrize("lock", LOCKS)
def test_our_lock_is_whole(lock: str) -> None:
    assert list_faults(_read(lock)) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_our_lock_answers_pyproject(lock: str) -> None:
    assert list_unmet(_read(lock), _list_asked(lock)) == []


def test_both_locks_agree() -> None:
    pins = [line for line in _read("run").splitlines() if "==" in line and not line.startswith("#")]
    assert set(pins) <= set(_read("dev").splitlines())


def test_every_npm_package_is_locked_with_a_hash_and_without_an_address() -> None:
    lock = ROOT / "frontend" / "console" / "package-lock.json"
    if not lock.exists():
        pytest.skip("there is no console yet")
    text = lock.read_text(encoding="utf-8")
    assert '"resolved"' not in text
    assert text.count('"integrity": "sha512-') == text.count('\n    "node_modules/')


HASH = "    --hash=sha256:" + 64 * "0"


@pytest.mark.parametrize(
    "text",
    [
        "numpy==2.0",
        "numpy>=2.0 \\\n" + HASH,
        "numpy==2.0 \\\n    --hash=md5:00",
        "--index-url https://example.org/simple\nnumpy==2.0 \\\n" + HASH,
        "numpy @ file:///tmp/numpy.whl \\\n" + HASH,
        "-e .",
    ],
)
def test_a_faulty_lock_is_found(text: str) -> None:
    assert list_faults(text) != []


def test_a_sound_lock_has_no_fault() -> None:
    assert list_faults(f"# a comment\nnumpy==2.0 ; python_version < '3.12' \\\n{HASH} \\\n{HASH}\n") == []


@pytest.mark.parametrize("asked", ["numpy>=2.1", "shapely>=1"])
def test_a_lock_that_pyproject_has_outgrown_is_found(asked: str) -> None:
    assert list_unmet(f"numpy==2.0 \\\n{HASH}\n", [asked]) == [asked]


def test_the_locks_stand_where_make_looks_for_them() -> None:
    makefile = Path(ROOT, "Makefile").read_text(encoding="utf-8")
    assert "--require-hashes" in makefile
    assert "-r requirements/build.txt" in makefile
    assert "-r requirements/dev.txt" in makefile
