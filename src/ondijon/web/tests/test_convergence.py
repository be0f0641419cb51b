"""However slow a client is and whatever comes, once it has caught up its picture is the post's, within its rights."""

import asyncio

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ondijon.kernel.arrays import Floats
from ondijon.kernel.identity import Actor
from ondijon.testing.builders import person, small_city
from ondijon.testing.fakes import AbsentRows, FakeBus, StillClock
from ondijon.web.hub import LiveHub, Tools
from ondijon.web.live_client import LiveClient
from ondijon.web.rights import Rights
from ondijon.web.roles import RoleWatch
from ondijon.web.tests.conftest import Bench, FakeReader, FakeSessions, taken

PEOPLE = (person("chief"), person("local", ("21001",), ("lamps",)), person("two", ("21001", "21003")))
LIVE = {"Lamp": ("level_pct", "mode"), "Pump": ("flow_l_s",)}

_REPORTS = st.one_of(
    st.tuples(st.just("Lamp"), st.sampled_from(["level_pct", "power_w", "mode"]), st.integers(0, 11)),
    st.tuples(st.just("Pump"), st.just("flow_l_s"), st.integers(0, 2)),
)
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("report"), _REPORTS, st.integers(0, 100)),
        st.tuples(st.just("round"), st.sampled_from([1, 2, 40])),
        st.tuples(st.just("take"), st.just(0)),
        st.tuples(st.just("watch"), st.sets(st.sampled_from(["Lamp", "Pump"]))),
    ),
    max_size=30,
)


class Picture:
    """What a console makes of the frames it gets."""

    def __init__(self, bench: Bench, client: LiveClient) -> None:
        self._bench = bench
        self._client = client
        self.values = {key: np.full(columns.value.shape, np.nan) for key, columns in bench.city.columns.items()}

    def take(self) -> None:
        order = Rights(self._bench.city).type_order(self._client.scope)
        for head, part in taken(self._client)[1]:
            values = self.values[order[head.type_index]][head.property_index]
            if head.full:
                values[:] = np.nan
            values[part.row] = part.value

    def expected(self, twin_type: str, key: str) -> Floats:
        mask = Rights(self._bench.city).mask(self._client.scope, twin_type)
        return np.where(mask, self._bench.city.columns[twin_type][key], np.nan)


async def _start() -> Bench:
    clock, city, bus, reader = StillClock(), small_city(), FakeBus(), FakeReader()
    sessions = FakeSessions(AbsentRows(), bus, clock)
    tools = Tools(city, bus, clock, Rights(city), sessions, RoleWatch((), clock.monotonic), clock.monotonic)
    hub = LiveHub(tools, reader)
    await hub.start()
    return Bench(city, clock, bus, sessions, reader, hub)


async def _play(actor: Actor, steps: list[tuple[object, ...]]) -> None:
    bench = await _start()
    client = bench.join(actor, "Lamp", "Pump")
    picture = Picture(bench, client)
    for step in steps:
        match step:
            case ("report", (str(twin_type), str(key), int(row)), int(value)):
                await bench.report(twin_type, key, {row: float(value)})
            case ("round", int(times)):
                for _ in range(times):
                    await bench.hub.send_round()
            case ("take", _):
                picture.take()
            case ("watch", set(types)):
                bench.hub.watch(client, [str(one) for one in types], None)
    bench.hub.watch(client, ["Lamp", "Pump"], None)
    for _ in range(3):
        picture.take()
        await bench.hub.send_round()
    picture.take()
    for twin_type, keys in LIVE.items():
        for key in keys:
            index = bench.city.columns[twin_type].property_index[key]
            assert np.array_equal(picture.values[twin_type][index], picture.expected(twin_type, key), equal_nan=True)


@settings(deadline=None, max_examples=150)
@given(actor=st.sampled_from(PEOPLE), steps=_STEPS)
def test_every_client_that_catches_up_shows_what_the_post_knows(actor: Actor, steps: list[tuple[object, ...]]) -> None:
    asyncio.run(_play(actor, steps))
