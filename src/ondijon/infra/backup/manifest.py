"""A backup says in one file what belongs to it, with SHA-256 of each part, and beside it that file's own sum."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from ondijon.infra.backup.copying import hash_file, write_synced
from ondijon.kernel.errors import NotFound, Refused

FORMAT = 1
MANIFEST_NAME = "manifest.json"
SUM_NAME = "manifest.sha256"
# A folder that is still written, or was left unfinished.
UNFINISHED = ".unfinished"
# A backup is called by its moment: the lake beside it has a manifest of its own kind.
_NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z")


class Part(Struct, frozen=True):
    """One file of a backup: its path below the backup's folder, its length, its SHA-256 in hex, its mode."""

    path: str
    size: int
    sha256: str
    mode: int


class Manifest(Struct, frozen=True):
    """A backup in one file.

    begins_at: the write-ahead log from this segment on is needed; reached_at: with what the backup holds itself, the
    rows come back as they were at this moment (machine time). incarnation: which folder below `wal` goes on from there.
    audit_line_no, audit_hash: a line that the restored audit log must have; number 0 when there was none yet.
    """

    format: int
    city: str
    began_at: datetime
    reached_at: datetime
    postgres: str
    begins_at: str
    incarnation: str
    audit_line_no: int
    audit_hash: str
    parts: list[Part]


class Damage(Struct, frozen=True):
    """What is wrong with one file of a backup."""

    path: str
    kind: Literal["altered", "missing", "unknown"]


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest and its sum; both have reached the disk when this returns."""
    content = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    write_synced(folder / MANIFEST_NAME, content)
    write_synced(folder / SUM_NAME, hashlib.sha256(content).hexdigest().encode())


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a finished backup; raises NotFound without one, Refused when a bit of it is not as written."""
    try:
        content = (folder / MANIFEST_NAME).read_bytes()
        told = (folder / SUM_NAME).read_bytes()
    except OSError as error:
        raise NotFound("error.backup_not_found", folder=str(folder)) from error
    if hashlib.sha256(content).hexdigest().encode() != told:
        raise Refused("error.backup_manifest_damaged", folder=str(folder))
    manifest = msgspec.json.decode(content, type=Manifest)
    if any(Path(part.path).is_absolute() or ".." in Path(part.path).parts for part in manifest.parts):
        raise Refused("error.backup_manifest_damaged", folder=str(folder))
    if manifest.format != FORMAT:
        raise Refused("error.backup_format", found=manifest.format, wanted=FORMAT)
    return manifest


def list_backups(folder: Path) -> list[Path]:
    """The finished backups below a folder, oldest first."""
    found = folder.iterdir() if folder.is_dir() else iter(())
    return sorted(one for one in found if _NAME.fullmatch(one.name) and (one / MANIFEST_NAME).exists())


def find_damage(folder: Path, part: Part) -> Damage | None:
    """Compare one file with what was written down of it."""
    path = folder / part.path
    try:
        size, sha256 = hash_file(path)
    except FileNotFoundError:
        return Damage(part.path, "missing")
    except OSError:
        return Damage(part.path, "altered")
    return None if (size, sha256) == (part.size, part.sha256) else Damage(part.path, "altered")


def list_damage(folder: Path, parts: Iterable[Part]) -> Iterator[Damage]:
    """Every file that is not as it was written, is missing, or does not belong to the backup."""
    known = {MANIFEST_NAME, SUM_NAME}
    for part in parts:
        known.add(part.path)
        if (damage := find_damage(folder, part)) is not None:
            yield damage
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (name := str(path.relative_to(folder))) not in known:
            yield Damage(name, "unknown")
