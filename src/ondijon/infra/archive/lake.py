"""The lake on a local disk: files appear whole under their name, or not at all."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from ondijon.infra.archive.layout import READINGS, is_ours

_PIECE_BYTES = 8 << 20


class Lake(Protocol):
    """A place for files that are written once: a folder, or a bucket."""

    @property
    def folder(self) -> Path:
        """The local folder that files are read from; nothing else needs to be readable."""
        ...

    @property
    def scratch(self) -> Path:
        """A local folder for what is being written."""
        ...

    def place(self, staged: Path, name: str) -> None:
        """Move a file into the lake, durably; one of the same name is replaced at once."""
        ...

    def fetch(self, name: str) -> Path:
        """A local path of a file; raises FileNotFoundError."""
        ...

    def size(self, name: str) -> int | None:
        """Bytes of a file as the lake itself holds it; None when it does not."""
        ...

    def read(self, name: str) -> Iterator[bytes]:
        """A file's bytes as the lake itself holds them; raises FileNotFoundError."""
        ...

    def list_files(self) -> list[str]:
        """The names of all files of readings."""
        ...

    def remove(self, name: str) -> None:
        """Take a file away; one that is gone already is no fault."""
        ...


class FolderLake:
    """A folder that other engines may read as it stands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scratch = folder / "_staging"
        self.scratch.mkdir(parents=True, exist_ok=True)

    def place(self, staged: Path, name: str) -> None:
        target = self.folder / name
        make_folder(target.parent)
        flush(staged)
        staged.replace(target)
        flush(target.parent)

    def fetch(self, name: str) -> Path:
        path = self.folder / name
        if not path.exists():
            raise FileNotFoundError(name)
        return path

    def size(self, name: str) -> int | None:
        path = self.folder / name
        return path.stat().st_size if path.exists() else None

    def read(self, name: str) -> Iterator[bytes]:
        with (self.folder / name).open("rb") as opened:
            while piece := opened.read(_PIECE_BYTES):
                yield piece

    def list_files(self) -> list[str]:
        return sorted(_names(self.folder))

    def remove(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, each durably."""
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        flush(folder.parent)


def flush(path: Path) -> None:
    """Have the disk keep a file, or a folder's list of names."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _names(folder: Path) -> Iterator[str]:
    for path in (folder / READINGS).glob("*/*"):
        name = path.relative_to(folder).as_posix()
        if is_ours(name):
            yield name
