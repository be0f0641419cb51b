"""Whether the lake holds what the rows say: every file there, and every byte of it as it was written."""

import asyncio
import hashlib
from collections.abc import Iterable

from msgspec import Struct

from ondijon.infra.archive import queries
from ondijon.infra.archive.lake import Lake
from ondijon.infra.archive.queries import DayFile
from ondijon.kernel.ports import Rows


class LakeReport(Struct, frozen=True):
    """What is archived, and what is not as it was written."""

    days: int
    first_day: str | None
    last_day: str | None
    rows: int
    bytes: int
    missing: list[str]
    damaged: list[str]


async def verify(rows: Rows, lake: Lake, *, contents: bool) -> LakeReport:
    """Look for every file that counts; with `contents`, read each whole and compare its SHA-256."""
    files = await queries.list_files(rows)
    missing: list[str] = []
    damaged: list[str] = []
    for one in files:
        fault = await asyncio.to_thread(_look, lake, one, contents)
        if fault is not None:
            (missing if fault == "missing" else damaged).append(one.file)
    days = [one.day.isoformat() for one in files]
    return LakeReport(
        len(files),
        days[0] if days else None,
        days[-1] if days else None,
        sum(one.rows for one in files),
        sum(one.bytes for one in files),
        missing,
        damaged,
    )


def _look(lake: Lake, wanted: DayFile, contents: bool) -> str | None:
    size = lake.size(wanted.file)
    if size is None:
        return "missing"
    if size != wanted.bytes or (contents and _digest(lake.read(wanted.file)) != wanted.sha256):
        return "damaged"
    return None


def _digest(pieces: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for piece in pieces:
        found.update(piece)
    return found.hexdigest()
