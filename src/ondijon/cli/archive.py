"""The archive of a post: where its lake is, the job that fills it, and `ondijon archive run|status|verify`."""

import argparse
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from ondijon.cli.engines import Engines, open_engines
from ondijon.cli.places import home_of, read_card
from ondijon.infra.archive.archiver import Archiver, days_before
from ondijon.infra.archive.history import HistoryOverBoth
from ondijon.infra.archive.lake import FolderLake, Lake
from ondijon.infra.archive.retention import ReadingRetention
from ondijon.infra.archive.rollups import RollUps
from ondijon.infra.archive.tidying import tidy
from ondijon.infra.archive.verify import verify
from ondijon.kernel.errors import Refused
from ondijon.kernel.identity import THE_POST
from ondijon.kernel.room import ActDesk
from ondijon.runtime.room_door import RoomDoor
from ondijon.runtime.scheduler import Job

SETTINGS = "archive.toml"
ROLL_UP_EVERY = timedelta(minutes=5)
MOVE_EVERY = timedelta(hours=1)


class ArchiveSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The home's `archive.toml`: how many days stay in PostgreSQL, and the lake's folder when it is elsewhere.

    bucket: S3-compatible storage instead, its files copied to the folder when they are read; `endpoint` when it is not
    Amazon's. Trades read up to 31 days back in PostgreSQL alone, so fewer than 33 days are refused.
    """

    hot_days: int = 35
    folder: str | None = None
    bucket: str | None = None
    prefix: str = "ondijon"
    endpoint: str | None = None
    region: str = "us-east-1"


def read_archive_settings(home: Path) -> ArchiveSettings:
    """Raises Refused when the file says something that cannot be."""
    path = home / SETTINGS
    if not path.exists():
        return ArchiveSettings()
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=ArchiveSettings)
    except msgspec.DecodeError as error:
        raise Refused("error.archive_settings_bad", detail=str(error)) from error
    if found.hot_days < 33:
        raise Refused("error.archive_settings_bad", detail="hot_days < 33")
    return found


def open_lake(home: Path) -> Lake:
    """The lake of a home; its folder is made when it is missing."""
    settings = read_archive_settings(home)
    folder = Path(settings.folder) if settings.folder else home / "lake"
    if settings.bucket is None:
        return FolderLake(folder)
    # Its library is large, and a post with a folder does without it.
    from ondijon.infra.archive.bucket import open_bucket

    return open_bucket(settings.bucket, settings.prefix, settings.endpoint, settings.region, folder)


def archive_jobs(engines: Engines, door: RoomDoor) -> list[Job]:
    """What time brings to the readings: roll-ups, then what is due is erased, then what is old moves."""
    lake, settings = open_lake(engines.home), read_archive_settings(engines.home)

    def desk() -> AbstractAsyncContextManager[ActDesk]:
        return door.desk(THE_POST)

    archiver = Archiver(engines.rows, lake, desk, engines.clock)
    retention = ReadingRetention(engines.rows, archiver, desk, engines.clock)
    rollups = RollUps(engines.rows, HistoryOverBoth(engines.rows, lake), engines.city.card.timezone)

    async def roll_up() -> None:
        await rollups.run(engines.clock.now())

    async def move() -> None:
        await retention.run()
        await archiver.run(days_before(engines.clock.now().date(), settings.hot_days))
        await tidy(engines.rows, lake, engines.city)

    return [Job("roll_up_readings", ROLL_UP_EVERY, roll_up), Job("archive_readings", MOVE_EVERY, move)]


async def run_archive(options: argparse.Namespace) -> None:
    """Move what is due, tell what is archived, or check each file against what was written; beside a running post."""
    home = home_of(options.city, options.home)
    async with open_engines(home, read_card(home), "core") as engines:
        if options.act == "run":
            door = RoomDoor(engines.city, engines.rows, engines.bus, engines.clock, engines.ids, engines.parts)
            for job in archive_jobs(engines, door):
                await job.run()
        lake = open_lake(engines.home)
        report = await verify(engines.rows, lake, contents=options.act == "verify")
        print(msgspec.json.encode(report).decode())
        if report.missing or report.damaged:
            raise Refused("error.archive_damaged", missing=len(report.missing), damaged=len(report.damaged))
