"""One cause out of many signs: the smallest element that explains, the one above when several fall together."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from ondijon.automations.root_cause import make_grouper
from ondijon.kernel.grouping import AlarmKinds, Cause, Signals
from ondijon.simulator.outages import make_night, read_grid
from ondijon.testing.generated import grid_city
from ondijon.testing.judging import judge

CITY = grid_city()
KINDS = AlarmKinds(tuple(spec.key for manifest in CITY.manifests for spec in manifest.alarms))
GROUPER = make_grouper(CITY, KINDS)
GRID = read_grid(CITY)
LAMP, BURNER, CABINET, GATEWAY = (KINDS.keys.index(f"lighting.{key}") for key in
                                  ("lamp_out", "day_burner", "cabinet_lost", "gateway_lost"))  # fmt: skip
T0 = 1_790_000_000_000_000
HOUR_S = 3_600.0
Sign = tuple[int, int, float]


def signals(
    signs: Sequence[Sign], apart: frozenset[int] = frozenset(), urgent: frozenset[int] = frozenset()
) -> Signals:
    """Signals of (spec, twin, seconds), standing."""
    return Signals(
        alarm=[UUID(int=place + 1) for place in range(len(signs))],
        spec=np.array([sign[0] for sign in signs], np.int16),
        twin_no=np.array([sign[1] for sign in signs], np.int32),
        raised_us=np.array([T0 + round(sign[2] * 1e6) for sign in signs], np.int64),
        cleared_us=np.zeros(len(signs), np.int64),
        priority=np.array([1 if place in urgent else 3 for place in range(len(signs))], np.uint8),
        apart=np.array([place in apart for place in range(len(signs))], np.bool_),
    )


def find(signs: Sequence[Sign], standing: Sequence[tuple[str, str]] = (), after_s: float = 400.0) -> Sequence[Cause]:
    return GROUPER.find_causes(signals(signs), standing, T0 + round(after_s * 1e6))


def named(causes: Sequence[Cause]) -> list[tuple[str, str]]:
    return [(cause.kind, cause.element) for cause in causes]


def dark(lights: Sequence[int], within_s: float = 90.0, at_s: float = 0.0) -> list[Sign]:
    return [(LAMP, light, at_s + within_s * place / max(len(lights) - 1, 1)) for place, light in enumerate(lights)]


def test_most_lights_of_a_cabinet_are_its_cabinet() -> None:
    cabinet = GRID.cabinets[40]
    (cause,) = find(dark(cabinet.lights[:30]))
    assert (cause.kind, cause.element, cause.twin) == ("cabinet", cabinet.urn, cabinet.urn)
    assert (cause.values["hit"], cause.values["of"], cause.values["label"]) == (30, 36, "CAB-0041")
    assert sum(cause.expected.values()) == 36 and list(cause.expected) == [cabinet.urn.split(":")[-2]]
    assert 80 <= cause.values["within_s"] <= 90
    assert cause.first == 0 and len(cause.members) == 30 and cause.trade == "lighting"


@pytest.mark.parametrize("part", ["circuit", "phase"])
def test_lights_of_one_part_are_that_part_even_when_half_of_it_tells(part: str) -> None:
    cabinet = GRID.cabinets[7]
    parts = cabinet.circuits if part == "circuit" else cabinet.phases
    name = sorted(parts)[1]
    (cause,) = find(dark(parts[name][:6]))
    assert (cause.kind, cause.element) == (part, f"{cabinet.urn}/{part}/{name}")
    assert cause.values[part] == name and cause.values["cabinet"] == "CAB-0008" and cause.twin is None


def test_a_cabinet_that_says_so_itself_takes_its_lights_along() -> None:
    cabinet = GRID.cabinets[3]
    (cause,) = find([(CABINET, cabinet.twin_no, 0.0), *dark(cabinet.lights[:2], at_s=5.0)])
    assert (cause.kind, cause.element, len(cause.members)) == ("cabinet", cabinet.urn, 3)
    assert sum(cause.expected.values()) == 37


def test_two_neighbouring_cabinets_at_the_same_time_stay_two() -> None:
    first, second = GRID.cabinets[20], GRID.cabinets[GRID.neighbours(20, 1)[0]]
    assert named(find([*dark(first.lights[:29]), *dark(second.lights[:29], at_s=30.0)])) == [
        ("cabinet", first.urn),
        ("cabinet", second.urn),
    ]


def test_most_cabinets_of_a_feeder_are_the_feeder() -> None:
    name, places = sorted(GRID.feeders.items())[0]
    gasps = [(CABINET, GRID.cabinets[place].twin_no, 3.0 * number) for number, place in enumerate(places)]
    (cause,) = find(gasps[: round(len(gasps) * 0.7)])
    assert (cause.kind, cause.element, sum(cause.expected.values())) == ("feeder", name, len(places))


def test_a_feeder_is_told_before_all_its_cabinets_have_spoken() -> None:
    name, places = sorted(GRID.feeders.items())[0]
    gasps = [(CABINET, GRID.cabinets[place].twin_no, 0.5 * number) for number, place in enumerate(places[:7])]
    assert named(find(gasps, after_s=5.0)) == [("feeder", name)]
    assert named(find(gasps, after_s=900.0)) == [], "seven of thirty are seven, once the others had their time"


def test_a_feeder_that_was_told_is_not_taken_back_while_its_cabinets_are_still_coming_in() -> None:
    name, places = sorted(GRID.feeders.items())[0]
    gasps = [(CABINET, GRID.cabinets[place].twin_no, 0.5 * number) for number, place in enumerate(places[:4])]
    assert len(places) * 0.1 <= len(gasps) < len(places) * 0.15, "enough to begin with, and few"
    assert named(find(gasps, after_s=3.0)) == [("feeder", name)]
    assert named(find(gasps, [("feeder", name)], after_s=3.0)) == [("feeder", name)]


def test_silent_gateways_of_one_uplink_are_the_uplink_and_those_of_a_feeder_the_feeder() -> None:
    for kind, trunks in (("link", GRID.uplinks), ("feeder", GRID.feeders)):
        name, places = sorted(trunks.items())[1]
        silent = [(GATEWAY, GRID.cabinets[place].twin_no, 4.0 * number) for number, place in enumerate(places)]
        assert named(find(silent[: round(len(silent) * 0.8)])) == [(kind, name)]


def test_a_lone_silent_gateway_beside_a_lost_cabinet_stays_alone() -> None:
    lost, silent = GRID.cabinets[50], GRID.cabinets[GRID.neighbours(50, 1)[0]]
    (cause,) = find([(CABINET, lost.twin_no, 0.0), *dark(lost.lights[:20]), (GATEWAY, silent.twin_no, 20.0)])
    assert cause.element == lost.urn and 21 not in cause.members


def test_singles_all_over_the_city_stay_single() -> None:
    rng = np.random.default_rng(5)
    chosen = rng.choice(CITY.twins["Streetlight"].twin_no, 60, replace=False)
    assert find([(LAMP, int(light), float(rng.uniform(0, 86_400))) for light in chosen], after_s=86_400) == []


def test_what_stood_long_before_is_not_taken_along() -> None:
    cabinet = GRID.cabinets[9]
    (cause,) = find([(LAMP, cabinet.lights[35], -HOUR_S), *dark(cabinet.lights[:30])])
    assert 0 not in cause.members and len(cause.members) == 30


def test_a_report_that_comes_much_later_still_joins() -> None:
    cabinet = GRID.cabinets[9]
    late = (LAMP, cabinet.lights[35], HOUR_S)
    (cause,) = find([*dark(cabinet.lights[:30]), late], after_s=HOUR_S)
    assert len(cause.members) == 31 and cause.values["within_s"] <= 90


def test_a_light_that_flaps_is_no_group_and_splits_none() -> None:
    cabinet = GRID.cabinets[9]
    flaps = [(LAMP, cabinet.lights[0], 100.0 * turn) for turn in range(5)]
    assert find(flaps) == []
    (cause,) = find([*dark(cabinet.lights[:30]), *flaps[1:]])
    assert len(cause.members) == 34


def test_what_stands_already_goes_on_with_less() -> None:
    cabinet = GRID.cabinets[9]
    left = dark(cabinet.lights[:2])
    assert find(left) == []
    assert named(find(left, [("circuit", f"{cabinet.urn}/circuit/1")])) == [("circuit", f"{cabinet.urn}/circuit/1")]


def test_a_person_who_takes_a_signal_out_is_obeyed() -> None:
    signs = dark(GRID.cabinets[9].lights[:30])
    (cause,) = GROUPER.find_causes(signals(signs, apart=frozenset({4})), [], T0 + 400_000_000)
    assert 4 not in cause.members and len(cause.members) == 29


def test_urgent_signals_are_told_as_members_and_give_the_cause_their_priority() -> None:
    signs = dark(GRID.cabinets[9].lights[:30])
    (cause,) = GROUPER.find_causes(signals(signs, urgent=frozenset({4})), [], T0 + 400_000_000)
    assert 4 in cause.members and cause.priority == 1


def test_dark_lights_and_lights_that_burn_by_day_have_no_cause_in_common() -> None:
    cabinet = GRID.cabinets[9]
    mixed = [(LAMP if place % 2 else BURNER, light, float(place)) for place, light in enumerate(cabinet.lights[:4])]
    assert find(mixed) == []


def test_lights_that_fail_together_in_one_place_without_a_common_element_are_an_area() -> None:
    corner = [GRID.cabinets[place] for place in (100, 101, 102, 116, 117, 118)]
    lights = [light for cabinet in corner for light in (cabinet.lights[0], cabinet.lights[17], cabinet.lights[31])]
    (cause,) = find(dark(lights, within_s=10.0))
    assert cause.kind == "area" and cause.expected == {} and len(cause.members) >= 12


def test_lights_that_fail_all_over_the_city_at_once_are_a_flood() -> None:
    chosen = np.random.default_rng(3).choice(CITY.twins["Streetlight"].twin_no, 400, replace=False)
    causes = find([(LAMP, int(light), place / 40) for place, light in enumerate(chosen)])
    told = sum(len(cause.members) for cause in causes)
    assert ("flood", "lighting.lamp_out") in named(causes) and told >= 360 and len(causes) <= 8


def test_a_city_that_declares_no_wiring_still_has_its_cabinets() -> None:
    city = grid_city(rows=4, columns=4)
    for twins in city.twins.values():
        twins.records = [structs.replace(record, attributes={}) for record in twins.records]
    cabinet = read_grid(city).cabinets[5]
    (cause,) = make_grouper(city, KINDS).find_causes(signals(dark(cabinet.lights[:30])), [], T0 + 400_000_000)
    assert (cause.kind, cause.element) == ("cabinet", cabinet.urn)


@pytest.mark.parametrize("seed", [11, 12])
def test_a_night_of_outages_is_told_right(seed: int) -> None:
    verdict = judge(GROUPER, KINDS, make_night(GRID, seed, length_s=2.5 * HOUR_S, outages=24))
    assert verdict.worst >= 0.97, (verdict.settled, verdict.end)
    assert verdict.settled.rooted > 500


@st.composite
def mornings(draw: st.DrawFn) -> list[Sign]:
    """Some lights of a few cabinets and some gateways within minutes; one signal for each kind and twin."""
    places = draw(st.lists(st.integers(0, len(GRID.cabinets) - 1), min_size=1, max_size=5, unique=True))
    signs: dict[tuple[int, int], float] = {}
    for place in places:
        cabinet = GRID.cabinets[place]
        for light in draw(st.lists(st.sampled_from(cabinet.lights), max_size=20, unique=True)):
            signs[LAMP, light] = draw(st.integers(0, 600))
        for kind in draw(st.lists(st.sampled_from([CABINET, GATEWAY]), max_size=2, unique=True)):
            signs[kind, cabinet.twin_no] = draw(st.integers(0, 600))
    return [(kind, twin, float(at_s)) for (kind, twin), at_s in signs.items()]


def contents(signs: Sequence[Sign], causes: Sequence[Cause]) -> set[tuple[str, str, frozenset[Sign]]]:
    return {(one.kind, one.element, frozenset(signs[row] for row in one.members.tolist())) for one in causes}


@settings(max_examples=60, deadline=None)
@given(mornings(), st.randoms(use_true_random=False))
def test_the_order_of_signals_changes_nothing(signs: list[Sign], lots: object) -> None:
    shuffled = list(signs)
    lots.shuffle(shuffled)  # type: ignore[attr-defined]
    assert contents(signs, find(signs)) == contents(shuffled, find(shuffled))


@settings(max_examples=60, deadline=None)
@given(mornings())
def test_every_signal_is_in_one_cause_at_most_and_every_cause_is_unique(signs: list[Sign]) -> None:
    causes = find(signs)
    members = [row for cause in causes for row in cause.members.tolist()]
    assert len(members) == len(set(members)) and all(0 <= row < len(signs) for row in members)
    assert len(set(named(causes))) == len(causes)
    for cause in causes:
        assert len(cause.members) >= 2 and cause.first in cause.members
        assert signs[cause.first][2] == min(signs[row][2] for row in cause.members.tolist())


@settings(max_examples=60, deadline=None)
@given(mornings(), st.integers(0, 600))
def test_an_unrelated_single_changes_no_group(signs: list[Sign], at_s: int) -> None:
    touched = {twin for _, twin, _ in signs}
    free = [one for one in GRID.cabinets if not touched & {one.twin_no, *one.lights}]
    hit = {name for name, places in GRID.feeders.items() for place in places if GRID.cabinets[place] not in free}
    alone = next((GRID.cabinets[places[0]] for name, places in GRID.feeders.items() if name not in hit), None)
    if alone is not None:
        more = [*signs, (LAMP, alone.lights[0], float(at_s))]
        assert contents(signs, find(signs)) == contents(more, find(more))
