"""`ondijon city import`: a real inventory into a post that runs, or into one started for the import."""

import argparse
import json
import os
import sys
from pathlib import Path

from ondijon.cli.engines import CITY_SUBJECT
from ondijon.cli.places import PACKAGE, city_folder, home_of, read_card
from ondijon.infra.clocks import SystemClock
from ondijon.infra.inventory import ImportResult, read_inventory
from ondijon.infra.nats.bus import NatsBus
from ondijon.infra.postgres.external import postgres_from
from ondijon.infra.postgres.migrate import find_sources, migrate
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.runtime.city_store import ImportCount, save_inventory

MOST_BAD_ROWS_SHOWN = 20


async def run_city(options: argparse.Namespace) -> None:
    """Read the files, then save all or nothing, and print what came of it."""
    folder = city_folder(options.city)
    result = read_inventory(folder, Path(options.source))
    home = home_of(options.city, options.home)
    if (home / "post.json").exists():
        card = read_card(home)
        count = await _save(card.database_url, result)
        async with await NatsBus.open(card.bus_url["supervisor"], "ondijon-import") as bus:
            await bus.publish(CITY_SUBJECT, b"")
    else:
        server = postgres_from(home, os.environ)
        await server.start()
        try:
            await migrate(server.dsn, find_sources(PACKAGE), SystemClock())
            count = await _save(server.dsn, result)
        finally:
            await server.stop()
    _print(result, count)


async def _save(dsn: str, result: ImportResult) -> ImportCount:
    async with await PostgresRows.open(dsn, connections=1) as rows:
        return await save_inventory(rows, SystemClock(), result.inventory)


def _print(result: ImportResult, count: ImportCount) -> None:
    for dataset, number in result.counts.items():
        print(f"{dataset}: {number}")
    words = json.loads((PACKAGE / "infra/inventory/strings.en.json").read_text("utf-8"))
    for bad in result.bad_rows[:MOST_BAD_ROWS_SHOWN]:
        print(f"refused: {bad.file} row {bad.row} field {bad.field}: {words[f'import.{bad.reason}']}", file=sys.stderr)
    print(
        f"created {count.created}, changed {count.changed}, unchanged {count.unchanged}, "
        f"retired {count.retired}, refused {len(result.bad_rows)}"
    )
