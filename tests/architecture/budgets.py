"""Size budgets, banned names and module sentences, checked over any tree."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.scripts_in_braces import list_functions
from tests.architecture.tree import list_sources

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
BANNED = frozenset("utils helper helpers common base misc manager data info process handle".split())
# These say nothing in any position; the others are honest words inside a longer name (`child_process`).
_BANNED_ENDINGS = frozenset("utils helper helpers common base misc manager".split())

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def list_long_files(root: Path) -> list[str]:
    """Files above the budget, with their length."""
    sizes = ((path, _count_lines(path)) for path in list_sources(root, ".py", ".ts", ".svelte"))
    return [
        f"{path.relative_to(root)}: {lines} lines (budget {MAX_FILE_LINES})"
        for path, lines in sizes
        if lines > MAX_FILE_LINES and not _is_migration(path)
    ]


def list_long_functions(root: Path) -> list[str]:
    """Functions above the budget, with their first line and length."""
    found = [
        f"{path.relative_to(root)}:{line} {name}: {length} lines (budget {MAX_FUNCTION_LINES})"
        for path in list_sources(root, ".py")
        for name, line, length in _list_python_functions(path)
        if length > MAX_FUNCTION_LINES
    ]
    for path in list_sources(root, ".ts", ".svelte"):
        found += [
            f"{path.relative_to(root)}:{line}: {length} lines (budget {MAX_FUNCTION_LINES})"
            for line, length in list_functions(path.read_text(encoding="utf-8"), path.suffix)
            if length > MAX_FUNCTION_LINES
        ]
    return found


def list_banned_names(root: Path) -> list[str]:
    """Modules, packages, classes and public functions whose name says nothing."""
    found = []
    for path in list_sources(root, ".py", ".ts", ".svelte"):
        parts = [part for part in path.relative_to(root).with_suffix("").parts if part != "__init__"]
        found += [f"{path.relative_to(root)}: `{part}`" for part in parts if _is_banned(part)]
        if path.suffix == ".py":
            found += [
                f"{path.relative_to(root)}:{node.lineno} `{node.name}`"
                for node in _list_public_definitions(ast.parse(path.read_text(encoding="utf-8")))
                if _is_banned_definition(node)
            ]
    return found


def list_wrong_openings(root: Path) -> list[str]:
    """Modules that do not open with exactly one sentence (a state table, "The law ...", may follow it)."""
    found = []
    for path in list_sources(root, ".py"):
        text = path.read_text(encoding="utf-8")
        if not text.strip() or _is_migration(path):
            continue
        sentence = ast.get_docstring(ast.parse(text))
        if sentence is None:
            found.append(f"{path.relative_to(root)}: no module docstring")
        elif not _is_one_sentence(sentence):
            found.append(f"{path.relative_to(root)}: not exactly one sentence: {sentence!r}")
    return found


def _count_lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _is_migration(path: Path) -> bool:
    return "migrations" in path.parts


def _list_python_functions(path: Path) -> Iterator[tuple[str, int, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, FunctionNode):
            yield node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1


def _list_public_definitions(tree: ast.Module) -> Iterator[FunctionNode | ast.ClassDef]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node
            if not node.bases:  # an inherited name (a framework's `handle`) is not ours to choose
                yield from (item for item in node.body if isinstance(item, FunctionNode))
        elif isinstance(node, FunctionNode):
            yield node


def _is_banned_definition(node: FunctionNode | ast.ClassDef) -> bool:
    # A verb with its object says something (`process_pack`), the verb alone does not.
    return _is_banned(node.name) if isinstance(node, ast.ClassDef) else node.name in BANNED


def _is_banned(name: str) -> bool:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")
    return name.lower() in BANNED or words[-1] in _BANNED_ENDINGS


def _is_one_sentence(text: str) -> bool:
    flat = " ".join(text.partition("\n\nThe law")[0].split())
    # A capital after a full stop starts a second sentence; abbreviations end in a letter and a full stop.
    starts = [m for m in re.finditer(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bcf)[.!?] +(?=[A-Z`*])", flat)]
    return flat.endswith((".", "!", "?")) and not starts
