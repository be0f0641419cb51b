"""The door does an act once, asks for rights, and tells what happened in the same transaction."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from msgspec import Struct

from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.errors import NotAllowed, NotFound, Refused
from ondijon.kernel.events import Event
from ondijon.kernel.identity import EVERY, Actor, Grant
from ondijon.kernel.room import Act, ActDesk, ActSpec, FollowerSpec, RoomManifest
from ondijon.runtime.room_door import EVENTS_SUBJECT, ROOM_SUBJECT
from ondijon.testing.builders import COMMUNES, small_city
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock
from ondijon.testing.room import RoomBench

pytestmark = pytest.mark.engines
HERE = COMMUNES[0]


class Ring(Struct, frozen=True):
    """A bell and how often."""

    bell: str
    times: int = 1


async def ring(desk: ActDesk, payload: Ring) -> dict[str, int]:
    desk.demand("handle", "bells", HERE, unseen="error.no_bell")
    await desk.tx.execute(
        "INSERT INTO rung (bell) SELECT $1 FROM generate_series(1, $2::integer)", payload.bell, payload.times
    )
    desk.tell(
        "bell.rung", trade="bells", commune=HERE, subject=f"bell:{payload.bell}", payload={"times": payload.times}
    )
    desk.announce("bells", f"bell:{payload.bell}", "bells", HERE)
    if payload.bell == "cracked":
        raise Refused("error.cracked")
    return {"times": payload.times}


async def ring_twice(desk: ActDesk, payload: Ring) -> None:
    desk.demand("see", "bells", HERE)
    await desk.perform("bells.ring", {"bell": payload.bell})
    await desk.perform("bells.ring", {"bell": payload.bell})


async def ring_unasked(desk: ActDesk, _: Ring) -> None:
    await desk.tx.execute("INSERT INTO rung (bell) VALUES ('unasked')")


async def hear(desk: ActDesk, events: list[Event]) -> None:
    for event in events:
        if event.payload["times"] == 13:
            raise ValueError("thirteen")
        await desk.tx.execute("INSERT INTO heard (event) VALUES ($1)", event.id)


BELLS = RoomManifest(
    "bells",
    acts=(
        ActSpec("bells.ring", Ring, ring),
        ActSpec("bells.ring_twice", Ring, ring_twice),
        ActSpec("bells.ring_unasked", Ring, ring_unasked),
    ),
    followers=(FollowerSpec("hear", ("bell.",), hear),),
    trades=("bells",),
)


def person(number: int, *verbs: str) -> Actor:
    grant = Grant("ringer", (HERE,), (EVERY,), msgspec.convert(verbs, tuple[str, ...]))
    return Actor(UUID(int=number), UUID(int=number + 1), "P", "p", (grant,) if verbs else ())


RINGER = person(7_000, "see", "handle")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture
async def rows(home: Path) -> AsyncIterator[PostgresRows]:
    async with fresh_rows(home, as_owner=True) as rows:
        await rows.execute("CREATE TABLE rung (bell text)")
        await rows.execute("CREATE TABLE heard (event uuid PRIMARY KEY)")
        yield rows


@pytest.fixture
async def bench(rows: PostgresRows) -> RoomBench:
    bench = RoomBench(small_city(), rows, SequentialIds(), StillClock(), FakeBus(), BELLS)
    await bench.start()
    return bench


async def count(rows: PostgresRows, table: str) -> int:
    row = await rows.fetch_one(f"SELECT count(*) AS n FROM {table}")  # noqa: S608 (names of this test)
    assert row is not None
    return int(row["n"])


async def test_an_act_is_done_told_audited_and_announced(bench: RoomBench, rows: PostgresRows) -> None:
    assert await bench.do(RINGER, "bells.ring", {"bell": "big", "times": 2}) == {"times": 2}
    event = await rows.fetch_one("SELECT key, subject, actor, trade FROM events")
    line = await rows.fetch_one("SELECT * FROM audit")
    assert event is not None and dict(event) == {
        "key": "bell.rung",
        "subject": "bell:big",
        "actor": RINGER.pseudonym,
        "trade": "bells",
    }
    assert line is not None and (line["act"], line["subject"], line["actor"]) == (
        "bells.ring",
        "bell:big",
        RINGER.pseudonym,
    )
    assert len(line["hash"]) == 32
    news = msgspec.json.decode(bench.bus.said_on(ROOM_SUBJECT)[0])
    assert news == {"part": "bells", "subject": "bell:big", "trade": "bells", "commune": HERE}
    assert len(bench.bus.said_on(EVENTS_SUBJECT)) == 1


async def test_the_same_intent_twice_has_one_effect(bench: RoomBench, rows: PostgresRows) -> None:
    first = await bench.do(RINGER, "bells.ring", {"bell": "big"}, UUID(int=99))
    assert await bench.do(RINGER, "bells.ring", {"bell": "big"}, UUID(int=99)) == first
    assert (await count(rows, "rung"), await count(rows, "events"), await count(rows, "audit")) == (1, 1, 1)


async def test_the_key_of_another_is_refused(bench: RoomBench) -> None:
    await bench.do(RINGER, "bells.ring", {"bell": "big"}, UUID(int=99))
    with pytest.raises(Refused, match="key_used"):
        await bench.do(person(8_000, "see", "handle"), "bells.ring", {"bell": "big"}, UUID(int=99))


async def test_what_fails_leaves_nothing(bench: RoomBench, rows: PostgresRows) -> None:
    with pytest.raises(Refused, match="cracked"):
        await bench.do(RINGER, "bells.ring", {"bell": "cracked"}, UUID(int=99))
    for table in ("rung", "events", "audit", "acts_done"):
        assert await count(rows, table) == 0
    assert bench.bus.published == []


async def test_an_act_that_asks_for_no_right_is_stopped(bench: RoomBench, rows: PostgresRows) -> None:
    with pytest.raises(AssertionError, match="asked for no right"):
        await bench.do(RINGER, "bells.ring_unasked", {"bell": "x"})
    assert await count(rows, "rung") == 0


async def test_an_act_within_an_act_asks_for_its_own_right(bench: RoomBench, rows: PostgresRows) -> None:
    await bench.do(RINGER, "bells.ring_twice", {"bell": "big"})
    with pytest.raises(NotAllowed):
        await bench.do(person(8_000, "see"), "bells.ring_twice", {"bell": "big"})
    assert await count(rows, "rung") == 2


@pytest.mark.parametrize(
    ("who", "key", "payload", "error"),
    [
        (person(9_000), "bells.ring", {"bell": "big"}, NotFound),
        (person(9_000, "see"), "bells.ring", {"bell": "big"}, NotAllowed),
        (RINGER, "bells.melt", {"bell": "big"}, NotFound),
        (RINGER, "bells.ring", {"bell": "big", "loud": True}, Refused),
        (RINGER, "bells.ring", {"bell": 3}, Refused),
    ],
)
async def test_who_may_not_and_what_is_wrong_is_refused(
    bench: RoomBench, who: Actor, key: str, payload: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await bench.do(who, key, payload)


async def test_followers_hear_each_fact_once_and_step_over_what_they_cannot_take(
    bench: RoomBench, rows: PostgresRows
) -> None:
    for times in (1, 13, 2):
        await bench.do(RINGER, "bells.ring", {"bell": "big", "times": times})
    await bench.follow()
    await bench.follow()
    assert await count(rows, "heard") == 2
    left = await rows.fetch_one("SELECT follower, error FROM events_unfollowed")
    assert left is not None and left["follower"] == "hear" and "thirteen" in left["error"]


async def test_a_fact_that_commits_late_is_not_missed(bench: RoomBench, rows: PostgresRows) -> None:
    async with bench.door.desk(RINGER) as slow:
        slow.tell("bell.rung", trade="bells", commune=HERE, payload={"times": 1})
        await slow.tx.execute("INSERT INTO rung (bell) VALUES ('slow')")
        await bench.door.perform(RINGER, Act("bells.ring", {"bell": "fast"}, UUID(int=50)))
        await bench.follow()
        assert await count(rows, "heard") == 0
    await bench.follow()
    assert await count(rows, "heard") == 2
