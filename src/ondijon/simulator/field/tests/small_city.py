"""A field small enough to reason about, with a clock that is wound by hand and an uplink that only listens."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from ondijon.kernel.clock import to_us
from ondijon.simulator.field.city import City
from ondijon.simulator.field.plan import FieldOptions, FieldPlan, GatewaySpec, LightSpec
from ondijon.simulator.field.senml import Resolved, decode_cbor, decode_json, resolve
from ondijon.simulator.field.truth import Truth

STEPS: list[tuple[str, float]] = [("12:00", 1.0), ("22:30", 0.6), ("01:00", 0.35), ("05:30", 0.7)]


def plan_of(*steps: tuple[str, float], **edges: dict[str, object]) -> dict[str, object]:
    """One kind of night, from sunset to sunrise unless `on` or `off` say otherwise."""
    written = [{"from": local, "level": level} for local, level in steps or STEPS]
    return {"on": {"sun": "sunset"}, "off": {"sun": "sunrise"}, **edges, "steps": written}


PROGRAMME: dict[str, object] = {
    "timezone": "Europe/Paris",
    "position": [5.04, 47.32],
    "from": "2026-01-01",
    "profiles": [plan_of()],
    "calendars": ["0" * 400],
    "groups": [{"calendar": 0}],
}
EVENING = datetime(2026, 10, 15, 18, 30, tzinfo=UTC)
NOON = datetime(2026, 10, 15, 10, 30, tzinfo=UTC)
CALM = FieldOptions(background_rate=0.0, standing_share=0.0, cbor_share=0.0)


class HandClock:
    """Moves only when a test moves it."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def now_us(self) -> int:
        return to_us(self._at)

    def move(self, seconds: float) -> None:
        self._at += timedelta(seconds=seconds)


class Sent(Struct):
    """A message that a gateway handed in."""

    topic: str
    payload: bytes
    retain: bool

    @property
    def plain(self) -> dict[str, object]:
        return msgspec.json.decode(self.payload, type=dict[str, object])

    @property
    def records(self) -> list[Resolved]:
        pack = decode_cbor(self.payload) if self.topic.endswith("/cbor") else decode_json(self.payload)
        return resolve(pack, 0.0)

    @property
    def values(self) -> dict[str, object]:
        return {record.name: record.value for record in self.records}


class ListeningUplink:
    """Keeps what a gateway sends."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.is_cut = False

    def send(self, topic: str, payload: bytes, *, retain: bool = False, droppable: bool = False) -> None:
        self.sent.append(Sent(topic, payload, retain))

    def send_first(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        self.sent.insert(0, Sent(topic, payload, retain))

    def cut(self) -> None:
        self.is_cut = True

    def restore(self) -> None:
        self.is_cut = False

    def take(self, ending: str) -> list[Sent]:
        """What was sent on topics that end so, since the last take of anything."""
        taken = [sent for sent in self.sent if sent.topic.endswith(ending)]
        self.sent.clear()
        return taken


def small_plan(gateways: int = 2, lights: int = 6) -> FieldPlan:
    """`lights` behind each gateway; every second light of an even gateway hangs on its switched feeder.

    Two circuits a cabinet; grid feeders take every second cabinet, uplinks two neighbours.
    """
    return FieldPlan(
        gateways=tuple(
            GatewaySpec(
                f"CAB-{g}",
                f"secret-{g}",
                5.04 + g * 0.01,
                47.32,
                "21231",
                "Europe/Paris",
                ("permanent", "switched"),
                grid_feeder=f"HTA-{g % 2}",
                uplink=f"UP-{g // 2}",
            )
            for g in range(gateways)
        ),
        lights=tuple(
            LightSpec(
                f"SL-{g}-{place}",
                f"CAB-{g}",
                "switched" if place % 2 and g % 2 == 0 else "permanent",
                50.0,
                2020,
                None,
                5.04,
                47.32,
                circuit=1 + 2 * place // lights,
            )
            for g in range(gateways)
            for place in range(lights)
        ),
        programme=PROGRAMME,
    )


class SmallField:
    """A running small city, moved by hand."""

    def __init__(
        self, folder: Path, at: datetime = EVENING, options: FieldOptions = CALM, plan: FieldPlan | None = None
    ) -> None:
        plan = plan or small_plan()
        self.clock = HandClock(at)
        self.truth = Truth(folder / "truth.jsonl")
        self.uplinks = [ListeningUplink() for _ in plan.gateways]
        self.city = City(
            plan,
            self.uplinks,
            clock=self.clock,
            seed=7,
            state_folder=folder / "state",
            truth=self.truth,
            options=options,
        )
        self.wall_s = 0.0

    @property
    def now_s(self) -> float:
        return self.clock.now_us() / 1e6

    def run(self, seconds: float, tick_s: float = 0.25) -> None:
        for _ in range(round(seconds / tick_s)):
            self.clock.move(tick_s)
            self.wall_s += tick_s
            self.city.advance(self.now_s)
            for g, lights in self.city.due(self.now_s, self.wall_s):
                self.city.gateways[g].report(full=lights is None, at=lights)

    def greet_all(self) -> None:
        for g in range(len(self.uplinks)):
            self.city.greet(g, self.wall_s)

    def command(self, gateway: int, command: dict[str, object]) -> None:
        topic = f"ondijon/1/down/CAB-{gateway}/command"
        self.city.gateways[gateway].hear(topic, msgspec.json.encode(command))

    def store(self, gateway: int, programme: dict[str, object]) -> None:
        topic = f"ondijon/1/down/CAB-{gateway}/programme"
        self.city.gateways[gateway].hear(topic, msgspec.json.encode(programme))

    def close(self) -> None:
        with self.truth:
            self.truth.flush()
