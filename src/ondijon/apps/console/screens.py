"""The built console, held in memory; a page that says so while it is not built."""

import mimetypes
from collections.abc import Mapping
from pathlib import Path

from ondijon.web.documents import Document, make_document

# Vite names what lies here by its content, so it never changes under its name.
_FOREVER_BELOW = "assets/"
FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
_KEYS = ("console.not_built.title", "console.not_built.text")


class Screens:
    """Only files that were there at the start are served: no path reaches the disk."""

    def __init__(self, folder: Path, strings: Mapping[str, Mapping[str, str]]) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): make_document(path.read_bytes(), _media_type(path))
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        self._missing = make_document(_explain(strings), "text/html")

    @property
    def is_built(self) -> bool:
        return "index.html" in self._files

    def find(self, path: str) -> Document | None:
        return self._files.get(path)

    def index(self) -> Document:
        """The console's page, or the one that says that it is not built."""
        return self._files.get("index.html", self._missing)


def cache_control(path: str) -> str:
    return FOREVER if path.startswith(_FOREVER_BELOW) else REVALIDATE


def _media_type(path: Path) -> str:
    # The framework adds the charset to what is text.
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _explain(strings: Mapping[str, Mapping[str, str]]) -> bytes:
    parts = []
    for language, words in strings.items():
        title, text = (words.get(key, key) for key in _KEYS)
        parts.append(f'<section lang="{language}"><h1>{title}</h1><p>{text}</p></section>')
    head = '<meta charset="utf-8"><title>OnDijon</title>'
    return f"<!doctype html><html><head>{head}</head><body>{''.join(parts)}</body></html>".encode()
