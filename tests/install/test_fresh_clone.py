"""A fresh clone installs everything it needs and answers, for an ordinary user; for root, `.ci/run` is that test."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

pytestmark = pytest.mark.install

_INSTALL_LIMIT_S = 600
# How this machine reaches its package registries; nothing else of the caller's environment goes along.
_REGISTRY_PREFIXES = ("PIP_", "NPM_CONFIG_", "npm_config_", "SSL_CERT", "REQUESTS_CA", "NODE_EXTRA_CA")
_REGISTRY_NAMES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


@dataclass(frozen=True)
class Person:
    """Somebody with a home; `name` is None for whoever runs the tests."""

    home: Path
    name: str | None = None

    def run(self, *command: str, folder: Path) -> str:
        """Run a command in a folder with a bare environment; the test fails with its output."""
        environment = {"HOME": str(self.home), "PATH": self._path(), "LANG": "C.UTF-8"}
        for key, value in os.environ.items():
            if key.startswith(_REGISTRY_PREFIXES) or key in _REGISTRY_NAMES:
                environment[key] = value
        groups = {"user": self.name, "group": self.name, "extra_groups": ()} if self.name else {}
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_INSTALL_LIMIT_S,
            check=False,
            **groups,  # type: ignore[call-overload]
        )
        assert done.returncode == 0, f"{command} failed:\n{done.stdout[-4000:]}"
        return str(done.stdout)

    def _path(self) -> str:
        if self.name:
            return "/usr/local/bin:/usr/bin:/bin"
        own = str(ROOT / ".venv" / "bin")
        return ":".join(part for part in os.environ["PATH"].split(":") if part != own)


def _clone(into: Path) -> Path:
    clone = into / "ondijon"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    return clone


@pytest.fixture
def ordinary_person() -> Iterator[Person]:
    """A user made for this test when root runs it; else whoever runs it."""
    if os.geteuid() != 0:
        yield Person(Path.home())
        return
    if shutil.which("useradd") is None:
        pytest.skip("no useradd here: root cannot make an ordinary user")
    home = Path(tempfile.mkdtemp(prefix="ondijon-install-"))
    name = f"ondijon{os.getpid()}"
    subprocess.run(
        ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", str(home), name], check=True
    )
    try:
        yield Person(home, name)
    finally:
        subprocess.run(["userdel", name], check=True)
        shutil.rmtree(home)


def test_a_fresh_clone_installs_for_an_ordinary_user(ordinary_person: Person, tmp_path: Path) -> None:
    clone = _clone(ordinary_person.home if ordinary_person.name else tmp_path)
    if ordinary_person.name:
        subprocess.run(
            ["chown", "-R", f"{ordinary_person.name}:{ordinary_person.name}", str(ordinary_person.home)],
            check=True,
        )
    ordinary_person.run("make", "install", folder=clone)
    assert "run" in ordinary_person.run(".venv/bin/ondijon", "--help", folder=clone)
    # `make --question` succeeds only when nothing is left to do.
    ordinary_person.run("make", "--question", "install", folder=clone)
    shutil.rmtree(clone)
