"""Compares the French and the English words of every folder that has some."""

import json
import re
from pathlib import Path

from tests.architecture.tree import list_sources

_PLACE = re.compile(r"\{(\w+)")


def list_differences(root: Path) -> list[str]:
    """Keys or placeholders that one language has and the other has not."""
    found: list[str] = []
    for path in list_sources(root, "fr.json", "en.json"):
        language = path.name.removesuffix(".json").rpartition(".")[2]
        if language not in ("fr", "en"):
            continue
        other = path.with_name(
            path.name.removesuffix(f"{language}.json") + {"fr": "en", "en": "fr"}[language] + ".json"
        )
        here = str(path.relative_to(root))
        if not other.exists():
            found.append(f"{here}: {other.name} is missing")
        else:
            found += [f"{here}: {difference}" for difference in _compare(_read(path), _read(other))]
    return found


def _compare(words: list[tuple[str, str]], others: list[tuple[str, str]]) -> list[str]:
    there = dict(others)
    keys = [key for key, _ in words]
    found = [f"`{key}` twice" for key in sorted({key for key in keys if keys.count(key) > 1})]
    for key, text in words:
        if key not in there:
            found.append(f"`{key}` only here")
        elif set(_PLACE.findall(text)) - set(_PLACE.findall(there[key])):
            found.append(f"`{key}` has places that the other language has not")
        if not text.strip():
            found.append(f"`{key}` is empty")
    return found


def _read(path: Path) -> list[tuple[str, str]]:
    pairs = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=list)
    return list(_flatten("", pairs))


def _flatten(prefix: str, pairs: list[tuple[str, object]]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in pairs:
        if isinstance(value, list):
            found += _flatten(f"{prefix}{key}.", value)
        else:
            found.append((f"{prefix}{key}", str(value)))
    return found
