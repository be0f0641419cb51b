"""A catalogue's faults are named one by one, cards find their type within their trade, points their ground."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ondijon.control_room import incidents
from ondijon.control_room.incidents.manifest import ROOM
from ondijon.control_room.incidents.model import CLOCKS, PART, UNSEEN, IncidentType, Question, SlaClock, Words
from ondijon.control_room.incidents.rules.catalogue import find_type_of_card, read_catalogue
from ondijon.control_room.incidents.rules.course import open_course
from ondijon.control_room.incidents.rules.place import lies_within
from ondijon.control_room.incidents.tests.test_course import START
from ondijon.kernel.errors import Refused

WORDS = {"fr": "Où ?", "en": "Where?"}


def entry(key: str, **more: Any) -> dict[str, Any]:
    return {
        "key": key, "severity": 2, "respond_s": 60, "resolve_s": 600, "fr": "Panne", "en": "Failure",
        "hint": {"fr": "Attention", "en": "Beware"}, "services": ["crew"], "questions": ["where"], **more,
    }  # fmt: skip


def read(*entries: dict[str, Any]) -> tuple[IncidentType, ...]:
    return read_catalogue({"questions": {"where": WORDS}, "types": list(entries)})


def problem_of(*entries: dict[str, Any]) -> object:
    with pytest.raises(Refused) as told:
        read(*entries)
    assert told.value.key == "error.bad_incident_types"
    return told.value.values["problem"]


def test_an_entry_becomes_its_type_word_for_word() -> None:
    (one,) = read(entry("lighting.x", card_types=["cabinet"]))
    question = Question("where", "Où ?", "Where?")
    hint = Words("Attention", "Beware")
    assert one == IncidentType(
        "lighting.x", "lighting", 2, 60, 600, "Panne", "Failure", hint, ("crew",), (question,), ("cabinet",)
    )


@pytest.mark.parametrize("fits", [{"severity": 1}, {"severity": 4}, {"respond_s": 1}, {"respond_s": 600}])
def test_limits_belong_to_what_they_limit(fits: dict[str, Any]) -> None:
    assert len(read(entry("water.x", **fits))) == 1


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ({"key": "moon.x"}, "moon.x: no such trade"),
        ({"severity": 0}, "water.x: severity is 1 to 4"),
        ({"severity": 5}, "water.x: severity is 1 to 4"),
        ({"respond_s": 0}, "water.x: respond_s must be above 0 and not above resolve_s"),
        ({"respond_s": 601}, "water.x: respond_s must be above 0 and not above resolve_s"),
        ({"services": []}, "water.x: no service"),
        ({"questions": ["who"]}, "water.x: no question who"),
        ({"key": "water.y"}, "water.y twice"),
    ],
)
def test_each_fault_is_named(fault: dict[str, Any], problem: str) -> None:
    assert problem_of(entry("water.x") | fault, entry("water.y")) == problem


def test_a_word_that_is_no_field_and_a_field_of_another_kind_are_faults_too() -> None:
    assert "colour" in str(problem_of(entry("water.x", colour="red")))
    assert "$.types[0].severity" in str(problem_of(entry("water.x", severity="high")))


def test_a_sign_belongs_to_one_type_of_a_trade_and_may_be_used_by_another_trade() -> None:
    first, again = entry("water.x", card_types=["cabinet"]), entry("water.y", card_types=["cabinet"])
    assert problem_of(first, again) == "cabinet of water twice"
    assert len(read(first, again | {"key": "waste.y"})) == 2


def test_no_more_than_five_faults_are_named_at_once() -> None:
    faulty = [entry(f"moon.{number}") for number in range(7)]
    assert problem_of(*faulty) == "; ".join(f"moon.{number}: no such trade" for number in range(5))


def test_a_single_sign_is_no_root_cause() -> None:
    types = read(entry("water.x", card_types=["single"]), entry("water.y", card_types=["water.leak"]))
    found = find_type_of_card(types, "water", "single", "water.leak")
    assert found is not None and found.key == "water.y"
    assert find_type_of_card(types, "water", "single", "water.other") is None


def test_the_clocks_are_those_of_a_course() -> None:
    course = open_course(1, 2, START)
    assert CLOCKS == ("respond", "resolve")
    assert [getattr(course, name) for name in CLOCKS] == [SlaClock(1, since=START), SlaClock(2, since=START)]


def test_the_part_is_called_as_its_acts_and_what_may_not_be_seen_has_words() -> None:
    assert ROOM.part == PART == "incidents"
    for language in ("fr", "en"):
        path = Path(incidents.__file__).with_name(f"strings.{language}.json")
        assert UNSEEN in json.loads(path.read_text("utf-8"))


COURTYARD = [[(0.0, 0.0), (6.0, 0.0), (6.0, 4.0), (4.0, 4.0), (4.0, 2.0), (2.0, 2.0), (2.0, 4.0), (0.0, 4.0)]]


@given(st.floats(-1, 7), st.floats(-1, 5))
def test_a_building_around_a_courtyard_does_not_hold_it(lon: float, lat: float) -> None:
    assume(lon not in (0, 2, 4, 6) and lat not in (0, 2, 4))
    held = 0 < lon < 6 and 0 < lat < 4 and not (2 < lon < 4 and lat > 2)
    assert lies_within([COURTYARD], lon, lat) is held


@pytest.mark.parametrize(
    ("lon", "lat", "held"),
    [(1.0, 3.0, True), (3.0, 3.0, False), (5.0, 3.0, True), (3.0, 1.0, True), (-1.0, 3.0, False)],
)
def test_left_middle_and_right_of_a_courtyard(lon: float, lat: float, held: bool) -> None:
    assert lies_within([COURTYARD], lon, lat) is held
