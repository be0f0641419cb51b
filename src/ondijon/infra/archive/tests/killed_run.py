"""A process that archives and kills itself at a point it is told: for each line of input a fork of its own."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from ondijon.infra.archive import queries, tidying
from ondijon.infra.archive.archiver import Archiver
from ondijon.infra.archive.day_writer import DayWriter
from ondijon.infra.archive.lake import FolderLake
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.identity import THE_POST
from ondijon.runtime import room_queries
from ondijon.runtime.room_door import RoomDoor
from ondijon.testing.builders import small_city
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock

# What a point's name stands for: before or after one of these is where the process ends. `insert_events` comes
# after `finish_moving` in the same transaction, so its end is just before the commit.
PLACES: dict[str, tuple[Any, str]] = {
    "begin_moving": (queries, "begin_moving"),
    "write": (DayWriter, "write"),
    "place": (FolderLake, "place"),
    "finish_moving": (queries, "finish_moving"),
    "insert_events": (room_queries, "insert_events"),
    "tidy": (tidying, "_tidy"),
    "remove": (FolderLake, "remove"),
}
POINTS = tuple(f"{when} {name}" for name in PLACES for when in ("before", "after"))


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _arm(point: str) -> None:
    when, _, name = point.partition(" ")
    owner, attribute = PLACES[name]
    real: Callable[..., Any] = getattr(owner, attribute)

    async def awaited(*arguments: Any, **more: Any) -> Any:
        if when == "before":
            _die()
        await real(*arguments, **more)
        _die()

    def plain(*arguments: Any, **more: Any) -> Any:
        if when == "before":
            _die()
        real(*arguments, **more)
        _die()

    setattr(owner, attribute, awaited if asyncio.iscoroutinefunction(real) else plain)


async def archive(dsn: str, folder: Path, before: date) -> None:
    """What the post's job does."""
    async with await PostgresRows.open(dsn) as rows:
        # Ids of its own: those that the test's door gives begin at one as well.
        ids, clock, lake = SequentialIds(os.getpid() << 20), StillClock(), FolderLake(folder)
        door = RoomDoor(small_city(), rows, FakeBus(), clock, ids, ())
        await Archiver(rows, lake, lambda: door.desk(THE_POST), clock).run(before)
        await tidying.tidy(rows, lake, small_city())


def main() -> None:
    dsn, folder, before = sys.argv[1], Path(sys.argv[2]), date.fromisoformat(sys.argv[3])
    for point in sys.stdin:
        child = os.fork()
        if child == 0:
            _arm(point.strip())
            asyncio.run(archive(dsn, folder, before))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else f"ended {status}", flush=True)


if __name__ == "__main__":
    main()
