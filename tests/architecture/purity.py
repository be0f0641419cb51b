"""Which files are pure, and the built-in functions that neither ruff nor an import contract sees in them."""

import ast
from pathlib import Path

from tests.architecture.tree import list_sources

_IO_BUILTINS = frozenset(["open", "print", "input", "breakpoint", "exec", "eval", "__import__"])
_DECISIONS = frozenset("model rules alarms events commands".split())
_PURE_NAMES = {
    "domains": _DECISIONS,
    "control_room": _DECISIONS,
    "drivers": frozenset(["mapping", "protocol"]),
}


def list_io_builtins(package: Path) -> list[str]:
    """Calls of a built-in that does I/O or runs text, in pure files."""
    found = []
    for path in list_sources(package, ".py"):
        if _is_pure(path.relative_to(package).with_suffix("").parts):
            found += [
                f"{path.relative_to(package)}:{node.lineno} {node.func.id}"
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _IO_BUILTINS
            ]
    return sorted(found)


def _is_pure(parts: tuple[str, ...]) -> bool:
    if "tests" in parts or "conftest" in parts:
        return False
    if parts[0] in ("kernel", "automations"):
        return True
    return len(parts) > 2 and parts[2] in _PURE_NAMES.get(parts[0], frozenset())
