"""Finds functions and their length in TypeScript and Svelte without a parser of either."""

import re
from collections.abc import Iterator

_SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script>", re.DOTALL)
# Strings, comments and regular expressions: blanked out, so that braces inside them do not count.
_OPAQUE = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""
    r"""|(?<=[=(,:;!&|?{}\[\n])(?P<gap>[ \t]*)/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*""",
    re.DOTALL,
)
# What stands before the brace of a body: an arrow, or a parameter list with an optional return type.
_BODY = re.compile(r"(=>|\)\s*(:\s*[^;{}()=]+(\([^()]*\)[^;{}()=]*)?)?)\s*$")
_CONTROL = re.compile(r"\b(if|for|while|switch|catch|with|await)\s*$")
# A block of tests is a chapter of functions, not a function.
_CHAPTER = re.compile(r"\bdescribe(\.\w+)?\s*\(\s*[^()]*,\s*(\(\)|function\s*\(\))\s*=?>?\s*$")


def list_functions(text: str, suffix: str) -> Iterator[tuple[int, int]]:
    """(first line, number of lines) of each function with a body, inner ones too."""
    if suffix == ".svelte":
        for script in _SCRIPT.finditer(text):
            before = text.count("\n", 0, script.start(1))
            for line, length in _list_bodies(script.group(1)):
                yield line + before, length
    else:
        yield from _list_bodies(text)


def _list_bodies(text: str) -> Iterator[tuple[int, int]]:
    code = _blank_templates(_OPAQUE.sub(lambda match: _blank(match.group()), text))
    opened: list[int] = []
    for position, letter in enumerate(code):
        if letter == "{":
            opened.append(position)
        elif letter == "}" and opened:
            start = opened.pop()
            if _opens_function(code[max(0, start - 400) : start]):
                first = code.count("\n", 0, start) + 1
                yield first, code.count("\n", start, position) + 1


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _blank_templates(code: str) -> str:
    """Blank template literals; what stands in `${}` goes too (a function there counts in its outer one)."""
    return re.sub(r"`(?:\\.|\$\{(?:[^{}`]|`[^`]*`|\{[^{}]*\})*\}|[^`\\])*`", lambda m: _blank(m.group()), code)


def _opens_function(tail: str) -> bool:
    if _CHAPTER.search(tail):
        return False
    match = _BODY.search(tail)
    if match is None:
        return False
    return match.group(1) == "=>" or not _CONTROL.search(tail[: _find_opening(tail, match.start())])


def _find_opening(tail: str, closing: int) -> int:
    depth = 0
    for position in range(closing, -1, -1):
        depth += {")": 1, "(": -1}.get(tail[position], 0)
        if depth == 0:
            return position
    return 0
