"""What is logged is about the post and the field, never about people."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.tree import PACKAGE, list_sources

LOGGERS = {"log", "_log", "_LOG", "logger"}
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
PERSONAL = {
    "actor", "caller", "email", "full_name", "mail", "number", "password", "person", "phone", "pseudonym", "reporter",
    "secret", "session", "telephone", "token", "user", "user_id", "username",
}  # fmt: skip


def find_logged(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, name) of every name that is part of a logged value."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id in LOGGERS):
            continue
        for part in [inner for value in node.args for inner in ast.walk(value)]:
            if isinstance(part, ast.Name):
                yield node.lineno, part.id
            elif isinstance(part, ast.Attribute):
                yield node.lineno, part.attr


def test_no_log_call_names_anything_of_a_person() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{line} {name}"
        for path in list_sources(PACKAGE, ".py")
        if re.search(r"\b(log|_log|_LOG|logger)\.", path.read_text("utf-8"))
        for line, name in find_logged(ast.parse(path.read_text("utf-8")))
        if name in PERSONAL
    ]
    assert not found


def test_a_call_that_logs_a_user_would_be_found() -> None:
    found = list(find_logged(ast.parse("log.info('%s', row.username)")))
    assert (1, "username") in found
