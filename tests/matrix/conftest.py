"""The console over a small city with the data of two communes and several trades, and everybody of the rights table."""

import tomllib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
import msgspec
import pytest

import ondijon
from ondijon.apps.console.app import build_console
from ondijon.apps.console.tests.conftest import ORIGIN, PASSWORD, Desk
from ondijon.domains.lighting.manifest import MANIFEST as LIGHTING
from ondijon.infra.archive.history import HistoryOverBoth
from ondijon.infra.archive.lake import FolderLake
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.identity import THE_POST
from ondijon.kernel.ids import IdSource
from ondijon.runtime.city_store import load_city, save_inventory
from ondijon.runtime.loader import load_room, load_trades
from ondijon.runtime.post import CommandPost
from ondijon.runtime.room_door import RoomDoor
from ondijon.testing.builders import CARD, MANIFESTS, small_inventory
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock
from ondijon.web.accounts import create_user
from ondijon.web.people import People
from ondijon.web.signing import SealingKey
from tests.matrix.lighting import with_lighting
from tests.matrix.people import MAKER, TABLE, people
from tests.matrix.stage import OUTSIDE_SESSIONS, Stage
from tests.matrix.things import KINDS

_CITIES = Path(ondijon.__file__).parent / "cities"


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


async def _create_people(rows: PostgresRows, ids: IdSource) -> dict[str, UUID]:
    """All have one password, hashed once: hashing is slow on purpose."""
    held = people()
    users = {MAKER: await create_user(rows, ids, MAKER, "Maker", PASSWORD, held[MAKER])}
    for name in list(held)[1:]:
        users[name] = ids.new_id()
        await rows.execute(
            """INSERT INTO users (user_id, pseudonym, username, name, password_hash, grants)
               SELECT $1, $2, $3, $4, password_hash, $5 FROM users WHERE username = $6""",
            users[name],
            ids.new_id(),
            name,
            name.title(),
            msgspec.to_builtins(held[name]),
            MAKER,
        )
    return users


@pytest.fixture
async def stage(home: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    clock, bus, ids = StillClock(), FakeBus(), SequentialIds(1 << 70)
    words = load_trades()[1]
    parts = load_room(words["fr"])
    async with fresh_rows(home) as rows:
        await save_inventory(rows, clock, with_lighting(small_inventory()))
        city = await load_city(rows, CARD, (*MANIFESTS, LIGHTING))
        post = CommandPost(city, rows, bus, clock, ids)
        door = RoomDoor(city, rows, bus, clock, ids, parts, words)
        for part in parts:
            for seed in part.seeds:
                path = next(path for path in (_CITIES / "dijon" / seed.file, _CITIES / seed.file) if path.exists())
                async with door.desk(THE_POST) as desk:
                    await seed.load(desk, tomllib.loads(path.read_text("utf-8")))
        users = await _create_people(rows, ids)
        app = build_console(
            city=city,
            rows=rows,
            bus=bus,
            post=post,
            door=door,
            room_trades=[trade for part in parts for trade in part.trades],
            people=People(TABLE.roles),
            clock=clock,
            ids=ids,
            history=HistoryOverBoth(rows, FolderLake(tmp_path / "lake")),
            strings=words,
            static_folder=tmp_path,
        )
        app.state.logbook_key = SealingKey(tmp_path / "logbook.key")
        await app.state.hub.start()
        transport = httpx.ASGITransport(app=cast("Any", app))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            found = Desk(app, city, rows, bus, clock, post, door, words, users, client)
            ready = Stage(found, KINDS)
            for name in OUTSIDE_SESSIONS:
                await ready.seat_again(name)
            yield ready
