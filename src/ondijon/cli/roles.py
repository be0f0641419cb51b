"""One role in one process, until told to stop or until another inventory was imported."""

import asyncio
from pathlib import Path

from ondijon.cli.bodies import Ready, load_body
from ondijon.cli.engines import CITY_SUBJECT, beat, open_engines
from ondijon.cli.places import read_card
from ondijon.runtime.city_store import follow_city


async def run_role(role: str, home: Path, ready: Ready) -> None:
    """Run one role until cancelled, or until another inventory was imported."""
    card = read_card(home)
    async with open_engines(home, card, role) as engines:
        changed = asyncio.Event()

        async def on_changed(subject: str, payload: bytes) -> None:
            changed.set()

        await engines.bus.subscribe(CITY_SUBJECT, on_changed)
        async with asyncio.TaskGroup() as tasks:
            body = tasks.create_task(load_body(role)(engines, ready))
            beating = tasks.create_task(beat(engines, role))
            told = tasks.create_task(changed.wait())
            seen = tasks.create_task(
                follow_city(engines.rows, engines.city, engines.city_version, engines.tell_renewed)
            )
            await asyncio.wait((body, told, seen), return_when=asyncio.FIRST_COMPLETED)
            for task in (body, beating, told, seen):
                task.cancel()
