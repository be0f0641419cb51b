"""What is in the repository names no machine, no package registry and nothing that was built."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

# Written in pieces, so that this file does not name them.
_MACHINE_PATHS = ["/" + name + "/" for name in ("root", "work")] + ["/opt/" + "pypi", "/tmp/" + "brief"]
_REGISTRIES = [
    "pypi." + "org",
    "python" + "hosted.org",
    "npmjs." + "org",
    "deb." + "debian.org",
    "crates." + "io",
]
_FOREIGN = re.compile(
    "|".join(
        [rf"(?<![\w.-]){re.escape(path)}" for path in _MACHINE_PATHS]
        + [rf"(?<![\w-]){re.escape(host)}" for host in _REGISTRIES]
    )
)
_BUILT = re.compile(r"(^|/)(node_modules|__pycache__|\.venv|static/assets)/|\.pyc$|^var/|^dist/")


def list_tracked(root: Path) -> list[str]:
    """Paths that git tracks or would add, so that a mistake shows before it is committed."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return sorted({name for name in listed.split("\0") if name and (root / name).is_file()})


def list_foreign_names(root: Path) -> list[str]:
    """Lines of text files that hold a machine path or a registry's host."""
    found = []
    for name in list_tracked(root):
        content = (root / name).read_bytes()
        if b"\0" not in content[:8192]:
            text = content.decode("utf-8", errors="replace")
            found += [
                f"{name}:{number}: {match.group()}"
                for number, line in enumerate(text.splitlines(), 1)
                for match in _FOREIGN.finditer(line)
            ]
    return found


def list_built(root: Path) -> list[str]:
    """Tracked paths that a build or a run would make again."""
    return [name for name in list_tracked(root) if _BUILT.search(name)]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An empty repository."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def test_our_repository_names_no_machine_and_no_registry() -> None:
    assert list_foreign_names(ROOT) == []


def test_our_repository_holds_nothing_built() -> None:
    assert list_built(ROOT) == []


@pytest.mark.parametrize("name", _MACHINE_PATHS + _REGISTRIES)
def test_a_foreign_name_is_found(name: str, repository: Path) -> None:
    (repository / "notes.md").write_text(f"fine\nsee {'' if name[0] == '/' else 'https://files.'}{name}/x\n")
    assert list_foreign_names(repository) == [f"notes.md:2: {name}"]


@pytest.mark.parametrize("name", ["a/node_modules/b.js", "a/__pycache__/b.pyc", "var/dijon/log"])
def test_a_built_file_is_found(name: str, repository: Path) -> None:
    (repository / name).parent.mkdir(parents=True)
    (repository / name).write_text("x")
    assert list_built(repository) == [name]


def test_a_path_inside_the_project_is_fine(repository: Path) -> None:
    (repository / "notes.md").write_text("docs/work/plan.md and ./root/a and my-pypi." + "organiser\n")
    assert list_foreign_names(repository) == []
