"""Writes what is locked as a CycloneDX 1.6 document: every distribution and package, its hashes and its licence."""

import argparse
import base64
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import quote

from packaging.requirements import Requirement

from scripts.licences import ROOT, find_licence

# Of an existing library only what is written here would be used, and it brings six more distributions:
# the document is a list of plain objects (https://cyclonedx.org/docs/1.6/json/).
SPEC_VERSION = "1.6"
NPM_LOCK = ROOT / "frontend" / "console" / "package-lock.json"
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def list_python(lock: Path, scope: str) -> Iterator[dict[str, Any]]:
    """A component for each distribution of a lock, also for those that this platform leaves out."""
    for entry in lock.read_text("utf-8").replace("\\\n", " ").splitlines():
        if "==" not in entry or entry.startswith("#"):
            continue
        requirement = Requirement(entry.partition("--hash")[0].strip())
        version = next(iter(requirement.specifier)).version
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        component = _component(name, version, f"pkg:pypi/{name}@{version}", scope)
        component["hashes"] = [{"alg": "SHA-256", "content": content} for content in sorted(_HASH.findall(entry))]
        licence = _licence_of(requirement.name)
        if licence:
            component["licenses"] = [{"expression": licence}]
        if requirement.marker is not None:
            component["properties"] = [{"name": "ondijon:marker", "value": str(requirement.marker)}]
        yield component


def list_npm(lock: Path) -> Iterator[dict[str, Any]]:
    """A component for each package of the console's lock; those that end up in what is built are required."""
    for path, package in json.loads(lock.read_text("utf-8"))["packages"].items():
        if not path:
            continue
        name, version = path.rpartition("node_modules/")[2], package["version"]
        scope = "excluded" if package.get("dev") else "required"
        component = _component(name, version, f"pkg:npm/{quote(name, safe='/')}@{version}", scope)
        algorithm, _, content = package["integrity"].partition("-")
        digest = base64.b64decode(content).hex()
        component["hashes"] = [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": digest}]
        if package.get("license"):
            component["licenses"] = [{"expression": package["license"]}]
        yield component


def make_document() -> dict[str, Any]:
    """The whole document; the same locks give the same bytes, so it has neither time nor serial number."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found: dict[str, dict[str, Any]] = {}
    for lock, scope in (("run", "required"), ("dev", "excluded"), ("build", "excluded")):
        for component in list_python(ROOT / "requirements" / f"{lock}.txt", scope):
            found.setdefault(component["bom-ref"], component)
    for component in list_npm(NPM_LOCK):
        found.setdefault(component["bom-ref"], component)
    own = _component(project["name"], project["version"], f"pkg:pypi/ondijon@{project['version']}", "required")
    own |= {"type": "application", "licenses": [{"expression": project["license"]}]}
    return {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPEC_VERSION}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC_VERSION,
        "version": 1,
        "metadata": {
            "component": own,
            "properties": [{"name": "ondijon:vulnerabilities", "value": "NOT AUDITED"}],
        },
        "components": [found[ref] for ref in sorted(found)],
    }


def _component(name: str, version: str, purl: str, scope: str) -> dict[str, Any]:
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl, "scope": scope}


def _licence_of(name: str) -> str:
    """The SPDX expression of an installed distribution; "" of one that this platform leaves out."""
    try:
        return find_licence(distribution(name))
    except PackageNotFoundError:
        return ""


def main() -> int:
    """Write the document and say what it does not say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    file: Path = parser.parse_args().file
    document = make_document()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    unknown = [one["name"] for one in document["components"] if "licenses" not in one]
    print(f"{file}: {len(document['components'])} components, CycloneDX {SPEC_VERSION}")
    print(f"licence not known here (left out by this platform): {', '.join(unknown) or 'none'}")
    print("vulnerabilities: NOT AUDITED (neither pip-audit nor npm audit reaches an advisory database)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
