"""`ondijon standby follow|promote|leave`: a second home on this machine that can take over from the first."""

import argparse
import asyncio
import signal
from pathlib import Path

from ondijon.cli.backup import DATABASE
from ondijon.cli.backup_settings import lake_of
from ondijon.infra.backup.copying import copy_file
from ondijon.infra.backup.lake_mirror import mirror_lake
from ondijon.infra.backup.restore import empty_broker
from ondijon.infra.backup.take import LAKE, list_home_files
from ondijon.infra.postgres.born import STANDBY_NAME
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.infra.postgres.standby import (
    open_standby,
    promote,
    read_followed,
    seed_standby,
    wait_for_standby,
    wait_in_step,
)

IN_STEP_LIMIT_S = 3_600.0
LOOK_EVERY_S = 0.5


async def run_standby(options: argparse.Namespace) -> None:
    """Follow until promoted or stopped, take over, or let the primary go on without waiting."""
    home = Path(options.home).absolute()
    home.mkdir(parents=True, exist_ok=True)
    if options.act == "follow":
        await _follow(home, None if options.of is None else Path(options.of).absolute())
    elif options.act == "promote":
        await promote(open_standby(home), home, DATABASE)
        print(f"ondijon run --home {home}", flush=True)
    else:
        await wait_for_standby(EmbeddedPostgres(read_followed(home)), wanted=False)


async def _follow(home: Path, of: Path | None) -> None:
    """Copy the primary where this home is empty, then follow it; its commits wait for this server from now on."""
    if not (home / STANDBY_NAME).exists() and of is not None:
        await seed_standby(EmbeddedPostgres(of), of, home)
        await asyncio.to_thread(_copy_files, of, home)
    primary = EmbeddedPostgres(read_followed(home))
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wanted, stopped.set)
    async with open_standby(home) as standby:
        ended = asyncio.create_task(standby.wait_exit())
        watching = asyncio.create_task(_until_promoted(home))
        joining = asyncio.create_task(_join(primary))
        stopping = asyncio.create_task(stopped.wait())
        await asyncio.wait((ended, watching, stopping), return_when=asyncio.FIRST_COMPLETED)
        for task in (ended, watching, joining, stopping):
            task.cancel()


async def _join(primary: EmbeddedPostgres) -> None:
    """Have commits wait for this server as soon as it can be waited for."""
    await wait_for_standby(primary, wanted=True)
    await wait_in_step(primary, IN_STEP_LIMIT_S)
    print("in step", flush=True)


async def _until_promoted(home: Path) -> None:
    while (home / STANDBY_NAME).exists():
        await asyncio.sleep(LOOK_EVERY_S)


def _copy_files(of: Path, home: Path) -> None:
    """The home's own files as they are now: keys, settings, people's passwords, the archive."""
    for path in list_home_files(of):
        if not (home / path).exists():
            copy_file(of / path, home / path)
    empty_broker(home)
    mirror_lake(lake_of(of), home / LAKE)
