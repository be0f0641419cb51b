"""What may stand in a trade's folder, in a package and in a driver's imports."""

import ast
from pathlib import Path

from tests.architecture.tree import list_folders, list_sources

_MODULES = frozenset("manifest model commands events rules alarms desk queries".split())
_FOLDERS = frozenset(["migrations", "tests"])
_CATALOGUES = frozenset(["strings.fr.json", "strings.en.json"])


def list_strangers(package: Path) -> list[str]:
    """Files and folders of trades and control room parts whose name is not on the closed list."""
    found = []
    for trade in list_folders(package / "domains") + list_folders(package / "control_room"):
        for entry in sorted(trade.iterdir()):
            if entry.name[0] not in "._" and not _may_stand_in_a_trade(entry):
                found.append(str(entry.relative_to(package)))
        found += [
            f"{trade.relative_to(package)}: no {name}"
            for name in sorted({"manifest", *_CATALOGUES})
            if not _exists(trade, name)
        ]
    return found


def list_folders_without_init(package: Path) -> list[str]:
    """Folders with Python that are no package: the import contracts would not see them."""
    folders = {path.parent for path in list_sources(package, ".py")}
    return sorted(
        str(folder.relative_to(package))
        for folder in folders
        if not (folder / "__init__.py").exists() and not {"tests", "migrations"} & set(folder.parts)
    )


def list_code_in_cities(package: Path) -> list[str]:
    """Python beside `__init__.py` in cities: a metropolis is data."""
    cities = package / "cities"
    return [str(path.relative_to(package)) for path in list_sources(cities, ".py") if path.name != "__init__.py"]


def list_undeclared_trades(package: Path) -> list[str]:
    """Trades that a driver imports without naming them as its own in its manifest (`trade="..."`)."""
    found = []
    for driver in list_folders(package / "drivers"):
        declared = _declared_trades(driver)
        for path in list_sources(driver, ".py"):
            if "tests" not in path.parts:
                used = _imported_trades(ast.parse(path.read_text(encoding="utf-8")))
                found += [f"{path.relative_to(package)}: {trade}" for trade in sorted(used - declared)]
        if len(declared) > 1:
            found.append(f"{driver.relative_to(package)}: more than one own trade")
    return found


def _may_stand_in_a_trade(entry: Path) -> bool:
    if entry.is_dir():
        return entry.name in _FOLDERS or entry.name in _MODULES
    return entry.name in _CATALOGUES or (entry.suffix == ".py" and entry.stem in _MODULES)


def _exists(trade: Path, name: str) -> bool:
    return any((trade / candidate).exists() for candidate in (name, f"{name}.py"))


def _declared_trades(driver: Path) -> set[str]:
    trades: set[str] = set()
    manifests = [driver / "manifest.py", *list_sources(driver / "manifest", ".py")]
    for path in manifests:
        if not path.exists():
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "trade" and isinstance(node.value, ast.Constant):
                trades.add(str(node.value.value))
    return trades


def _imported_trades(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    prefix = "ondijon.domains."
    return {name.removeprefix(prefix).partition(".")[0] for name in names if name.startswith(prefix)}
