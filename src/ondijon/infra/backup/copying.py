"""Files are copied with their sum taken on the way, and are on the disk when the copy returns."""

import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

_CHUNK_BYTES = 1 << 20


def hash_file(path: Path) -> tuple[int, str]:
    """Length and SHA-256 in hex of a file."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), sha256


def copy_file(source: Path, target: Path) -> tuple[int, str]:
    """Copy one file, synced; returns length and SHA-256 of what was copied, whatever the source becomes meanwhile."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with (
        source.open("rb") as reading,
        open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as writing,
    ):
        while chunk := reading.read(_CHUNK_BYTES):
            digest.update(chunk)
            writing.write(chunk)
            size += len(chunk)
        writing.flush()
        os.fsync(writing.fileno())
    target.chmod(stat.S_IMODE(source.stat().st_mode))
    return size, digest.hexdigest()


def write_synced(path: Path, content: bytes) -> None:
    """Write a whole file that only its owner may read; it is on the disk when this returns."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def list_files(folder: Path, is_wanted: Callable[[Path], bool] = lambda path: True) -> Iterator[Path]:
    """Files below a folder, relative to it; a link to a folder is not followed, an unwanted folder not entered."""
    for path in sorted(folder.iterdir()):
        if not is_wanted(path) or (path.is_symlink() and path.is_dir()):
            continue
        if path.is_dir():
            yield from (path.relative_to(folder) / below for below in list_files(path, is_wanted))
        elif path.is_file():
            yield path.relative_to(folder)


def copy_tree(source: Path, target: Path, uid: int, gid: int) -> None:
    """Copy a folder, empty folders too, and give all of it to one user, closed to others."""
    shutil.copytree(source, target, copy_function=shutil.copyfile)
    for path in (target, *target.rglob("*")):
        os.chown(path, uid, gid)
        path.chmod(0o700 if path.is_dir() else 0o600)


def sync_tree(folder: Path) -> None:
    """Put a folder with all below it on the disk."""
    for path in (*folder.rglob("*"), folder):
        if not path.is_symlink():
            sync_folder(path)


def sync_folder(path: Path) -> None:
    """Put a folder's own entries, or a file, on the disk."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
