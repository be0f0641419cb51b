"""Whether the lake holds what the rows say: every file there, and every byte of it as it was written."""

import asyncio

from msgspec import Struct

from ondijon.infra.archive import queries
from ondijon.infra.archive.day_writer import digest
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
    try:
        path = lake.fetch(wanted.file)
    except FileNotFoundError:
        return "missing"
    if path.stat().st_size != wanted.bytes or (contents and digest(path) != wanted.sha256):
        return "damaged"
    return None
