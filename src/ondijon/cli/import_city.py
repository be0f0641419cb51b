"""`ondijon city import`: a real inventory into a post that runs, or into one started for the import."""

import argparse
import os
import tomllib
from pathlib import Path

from msgspec import Struct

from ondijon.cli.engines import CITY_SUBJECT
from ondijon.cli.import_report import print_changes, print_reading, write_report
from ondijon.cli.places import city_folder, home_of, read_card
from ondijon.cli.prepare import make_tables
from ondijon.infra.clocks import SystemClock
from ondijon.infra.inventory import ImportResult, read_boundaries, read_inventory
from ondijon.infra.nats.bus import NatsBus
from ondijon.infra.postgres.external import postgres_from
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import Refused
from ondijon.runtime.city_store import ImportCount, save_inventory


class Reading(Struct, frozen=True):
    """What a folder gave, and what the screen must then say of it where the city's own folder does not."""

    result: ImportResult
    attribution: dict[str, str] | None


async def run_city(options: argparse.Namespace) -> None:
    """Read the files, then save all or nothing, and print what came of it; raises Refused, having saved nothing."""
    reading = read_city(city_folder(options.city), Path(options.source))
    print_reading(reading.result)
    if options.report is not None:
        write_report(Path(options.report), options.city, reading.result)
    if options.strict and reading.result.bad_rows:
        raise Refused("error.import_bad_rows", count=len(reading.result.bad_rows))
    print_changes(await _store(options, reading), len(reading.result.bad_rows))


def read_city(folder: Path, source: Path) -> Reading:
    """A city's files by its import.toml; where that names no streets, real borders with a generated rest."""
    mapping = folder / "import.toml"
    if not mapping.exists() or "streets" in tomllib.loads(mapping.read_text("utf-8")):
        return Reading(read_inventory(folder, source), None)
    borders = read_boundaries(folder, source)
    # Only a generated city needs the generator.
    from ondijon.simulator.metropolis import generate_metropolis

    inventory = generate_metropolis(folder, boundaries=borders.communes)
    return Reading(ImportResult(inventory, borders.bad_rows, borders.rows, []), borders.attribution)


async def _store(options: argparse.Namespace, reading: Reading) -> dict[str, ImportCount]:
    home = home_of(options.city, options.home)
    if (home / "post.json").exists():
        card = read_card(home)
        counts = await _save(card.database_url, card.clock(), reading, options.accept_losses)
        async with await NatsBus.open(card.bus_url["supervisor"], "ondijon-import") as bus:
            await bus.publish(CITY_SUBJECT, b"")
        return counts
    server = postgres_from(home, os.environ)
    await server.start()
    try:
        await make_tables(server, SystemClock())
        return await _save(server.post_dsn, SystemClock(), reading, options.accept_losses)
    finally:
        await server.stop()


async def _save(dsn: str, clock: Clock, reading: Reading, accept_losses: bool) -> dict[str, ImportCount]:
    async with await PostgresRows.open(dsn, connections=1) as rows:
        return await save_inventory(rows, clock, reading.result.inventory, reading.attribution, accept_losses)
