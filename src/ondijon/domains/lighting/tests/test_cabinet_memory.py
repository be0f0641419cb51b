"""What a cabinet's meter tells: lights missing, a dark phase or circuit, a cut cable, a load that nothing explains."""

from collections.abc import Sequence

import numpy as np
import pytest

from ondijon.domains.lighting.alarms import ALARMS
from ondijon.domains.lighting.model import LOST_PARTS
from ondijon.domains.lighting.rules.faults.drive import share_at
from ondijon.kernel.alarms import AlarmView
from ondijon.kernel.arrays import Floats, Ints64
from ondijon.kernel.city import City
from ondijon.kernel.readings import ReadingBatch, evolve_batch
from ondijon.runtime.alarm_desk import Memory
from ondijon.testing.generated import LIGHTS, grid_city

LIGHT, CABINET = "Streetlight", "StreetlightControlCabinet"
IDLE_W = 12.0
LAMP_W = 61.0


class Room:
    """One cabinet of 36 lamps on three circuits and three phases, and what its meter counts."""

    def __init__(self, *, mute: bool = True) -> None:
        self.city: City = grid_city(1, 1)
        self.memory = Memory(self.city)
        self.mute = mute
        self.now_s = 1_000_000.0
        self.dark: set[int] = set()
        self.silent: set[int] = set()
        self.extra_w = 0.0
        self.closed = 1.0
        for _ in range(10):
            self.minute(0.0)
        for _ in range(40):
            self.minute(100.0)

    def minute(self, level_pct: float) -> None:
        """A minute goes by; the cabinet, and lamps that are not mute, report."""
        self.now_s += 60.0
        lamp_w = LAMP_W * share_at(level_pct) if level_pct else 0.0
        power: Floats = np.full(LIGHTS, lamp_w)
        power[list(self.dark | self.silent)] = 0.0
        phases = [float(power[np.arange(LIGHTS) % 3 == phase].sum()) * 1.02 for phase in range(3)]
        phases[0] += IDLE_W
        phases[0] += self.extra_w
        if not self.mute:
            speaks = np.setdiff1d(np.arange(LIGHTS), list(self.silent))
            self._take(LIGHT, speaks, {"level_pct": np.full(len(speaks), level_pct), "power_w": power[speaks]})
        said = {f"power_l{place + 1}_w": np.array([value]) for place, value in enumerate(phases)}
        said |= {"supply": np.ones(1)}
        said |= {key: np.full(1, self.closed) for key in ("feeder_permanent", "feeder_switched")}
        said |= {"level_pct": np.array([level_pct]), "power_w": np.array([sum(phases)])}
        self._take(CABINET, np.zeros(1, np.int64), said)

    def _take(self, twin_type: str, rows: Ints64, said: dict[str, Floats]) -> None:
        columns, count = self.city.columns[twin_type], len(rows)
        places = np.repeat([columns.property_index[key] for key in said], count).astype(np.int16)
        at_us = np.full(count * len(said), round(self.now_s * 1e6), np.int64)
        every = np.tile(rows, len(said)).astype(np.int32)
        values = np.concatenate(list(said.values()))
        evolve_batch(
            columns, ReadingBatch(twin_type, every, places, values, at_us, at_us, np.zeros(len(every), np.uint8))
        )
        list(self.memory.evolve(twin_type, rows.astype(np.int32), round(self.now_s * 1e6)))

    def told(self) -> set[str]:
        view = AlarmView(self.city.columns[CABINET], self.city.twins[CABINET], round(self.now_s * 1e6))
        rows = np.zeros(1, np.int32)
        specs = [spec for spec in ALARMS if spec.twin_type == CABINET and spec.predicate is not None]
        return {spec.key.partition(".")[2] for spec in specs if spec.predicate and spec.predicate(view, rows)[0]}

    def value(self, key: str) -> float:
        return float(self.city.columns[CABINET][key][0])


def fail(room: Room, lamps: Sequence[int], level_pct: float = 60.0) -> set[str]:
    room.dark = set(lamps)
    for _ in range(3):
        room.minute(level_pct)
    return room.told()


@pytest.mark.parametrize("level_pct", [100.0, 70.0, 35.0])
def test_a_sound_cabinet_tells_nothing_at_any_level(level_pct: float) -> None:
    assert fail(Room(), [], level_pct) == set()


@pytest.mark.parametrize(("lamps", "count"), [([4], 1), ([0, 4], 2), ([0, 3, 6], 3)])
def test_the_meter_counts_lights_that_are_missing(lamps: list[int], count: int) -> None:
    room = Room()
    assert fail(room, lamps) == {"lights_missing"}
    assert room.value("missing_lights") == count
    assert fail(room, []) == set(), "they were replaced"


@pytest.mark.parametrize("level_pct", [100.0, 35.0])
def test_a_light_on_the_phase_of_the_controller_is_missed_at_any_level(level_pct: float) -> None:
    assert fail(Room(), [0], level_pct) == {"lights_missing"}


def test_an_open_feeder_is_no_loss() -> None:
    room = Room()
    room.closed = 0.0
    assert fail(room, range(LIGHTS), 100.0) == set(), "an order by day lights no lamp without voltage"


def test_a_load_that_many_small_ones_make_together_is_no_burning_light() -> None:
    room = Room()
    assert room.value("idle_l1_w") == pytest.approx(IDLE_W) and room.value("idle_l2_w") == 0.0
    room.extra_w = 28.0
    assert fail(room, [], 0.0) == set(), "less than half of a light on that phase"


def test_one_phase_without_current_is_named() -> None:
    room = Room()
    assert fail(room, range(1, LIGHTS, 3)) == {"part_dark"}
    assert LOST_PARTS[int(room.value("lost_part"))] == "L2"


def test_a_circuit_takes_its_share_of_every_phase() -> None:
    room = Room()
    assert fail(room, range(12, 24)) == {"part_dark"}
    assert LOST_PARTS[int(room.value("lost_part"))] == "circuit", "three alike: which one a meter cannot tell"
    assert room.value("lost_share_pct") == pytest.approx(33.3, abs=1.0)


@pytest.mark.parametrize("lamps", [range(19, 36), range(LIGHTS)])
def test_a_share_that_no_circuit_has_is_a_cable(lamps: Sequence[int]) -> None:
    assert fail(Room(), lamps) == {"cable_stolen"}


def test_a_load_by_day_that_nothing_explains_is_told_until_it_is_gone() -> None:
    room = Room()
    room.extra_w = 60.0
    assert fail(room, [], 0.0) == {"unexplained_load"}
    room.extra_w = 0.0
    assert fail(room, [], 0.0) == set()


def test_where_lights_report_only_silent_and_dark_ones_are_a_cable() -> None:
    room = Room(mute=False)
    assert fail(room, range(10)) == set(), "lamps that are out say so themselves"
    room.dark = set()
    room.silent = set(range(20, 36))
    for _ in range(7):
        room.minute(60.0)
    assert room.told() == {"cable_stolen"}
    assert room.value("cut_lights") == 16


def test_lights_that_are_silent_while_the_meter_counts_them_are_no_cable() -> None:
    room = Room(mute=False)
    room.mute = True
    for _ in range(7):
        room.minute(60.0)
    assert room.told() == set()


def test_what_was_learned_outlives_a_restart() -> None:
    room = Room()
    room.memory = Memory(room.city)
    assert fail(room, [4]) == {"lights_missing"}
