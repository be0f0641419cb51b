"""Lists the licence of every locked dependency and refuses what cannot stand beside the EUPL."""

import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
ALLOWED = frozenset(
    """0BSD Apache-2.0 BSD-2-Clause BSD-3-Clause BlueOak-1.0.0 CC0-1.0 EPL-2.0 EUPL-1.2 ISC MIT MIT-0 MIT-CMU MPL-2.0
    OFL-1.1 PSF-2.0 PostgreSQL Python-2.0 Unlicense Zlib""".split()
)
_SPDX = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
# The metadata hold the licence's text; these are its opening words after the copyright line.
_TEXTS = {"Permission is hereby granted, free of charge": "MIT"}


def list_python(lock: Path) -> Iterator[tuple[str, str]]:
    """(distribution, licence) of what the lock installs here; the licence is "" when nobody says."""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if "==" not in line or line.startswith(("#", " ")):
            continue
        requirement = Requirement(line.rstrip(" \\"))
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        try:
            yield str(requirement), find_licence(distribution(requirement.name))
        except PackageNotFoundError:
            yield str(requirement), "not installed"


def list_npm(lock: Path) -> Iterator[tuple[str, str]]:
    """(package, licence) of what an npm lock installs."""
    packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]
    for path, package in packages.items():
        if path:
            yield f"{path.rpartition('node_modules/')[2]}@{package['version']}", package.get("license", "")


def find_licence(found: Distribution) -> str:
    """The SPDX expression of an installed distribution, from the best field that it fills in."""
    expression = _field(found, "License-Expression")
    if expression:
        return expression
    text = _field(found, "License")
    if text in ALLOWED:
        return text
    trove = [line.rpartition(" :: ")[2] for line in found.metadata.get_all("Classifier", []) if "License ::" in line]
    if trove:
        return " AND ".join(_SPDX.get(name, name) for name in trove)
    flat = " ".join(text.split())
    return next((name for opening, name in _TEXTS.items() if opening in flat), text)


def _field(found: Distribution, name: str) -> str:
    return next(iter(found.metadata.get_all(name) or []), "")


def is_allowed(expression: str) -> bool:
    """Tell whether an SPDX expression leaves a choice that is on the list."""
    return all(
        any(choice.strip("() ") in ALLOWED for choice in re.split(r"\s+OR\s+", part))
        for part in re.split(r"\s+AND\s+", expression)
    )


def list_all() -> list[tuple[str, str]]:
    """Every locked dependency of the project with its licence."""
    npm = ROOT / "frontend" / "console" / "package-lock.json"
    python = {line for lock in ("build", "dev") for line in list_python(ROOT / "requirements" / f"{lock}.txt")}
    return [*sorted(python), *(list_npm(npm) if npm.exists() else [])]


def main() -> int:
    """Print the list; 1 when something on it is not allowed."""
    found = list_all()
    refused = [(name, licence) for name, licence in found if not is_allowed(licence)]
    for name, licence in found:
        print(f"{'REFUSED' if (name, licence) in refused else 'ok':8}{name:56}{licence or 'unknown'}")
    print(f"{len(found)} dependencies, {len(refused)} refused")
    print("vulnerabilities: NOT AUDITED (no advisory database is consulted)")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
