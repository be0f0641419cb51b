"""The catalogue is read whole or refused; a point is found in its commune."""

from copy import deepcopy
from pathlib import Path
from tomllib import loads
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ondijon
from ondijon.control_room.incidents.manifest import ROOM
from ondijon.control_room.incidents.model import TRADES
from ondijon.control_room.incidents.rules.catalogue import find_type_of_card, read_catalogue
from ondijon.control_room.incidents.rules.place import lies_within
from ondijon.kernel.errors import Refused

CATALOGUE = loads((Path(ondijon.__file__).parent / "cities/incident_types.toml").read_text("utf-8"))
SERVICES = frozenset(
    """municipal_police road_maintenance lighting_crew lighting_contractor grid_operator gas_operator water_operator
    bus_operator waste_service green_service video_room buildings_service winter_service traffic_room police_17 fire_18
    medical_15 emergency_112 prefecture it_service""".split()
)


def test_the_catalogue_covers_every_trade_with_about_sixty_types_or_more() -> None:
    types = read_catalogue(CATALOGUE)
    assert len(types) >= 60
    assert {one.trade for one in types} == set(TRADES)
    assert {service for one in types for service in one.services} <= SERVICES
    assert all(one.fr and one.en and one.hint.fr and one.hint.en and one.questions for one in types)
    assert all(len(one.fr) <= 60 and len(one.en) <= 60 for one in types)


def test_what_is_more_urgent_is_promised_no_later_within_a_trade() -> None:
    for one in read_catalogue(CATALOGUE):
        assert one.respond_s <= {1: 30, 2: 90, 3: 600, 4: 3_000}[one.severity] * 60


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"key": "lighting.street_dark"}, "twice"),
        ({"key": "unknown.thing"}, "no such trade"),
        ({"severity": 5}, "severity"),
        ({"respond_s": 0}, "respond_s"),
        ({"respond_s": 999_999_999}, "respond_s"),
        ({"services": []}, "no service"),
        ({"questions": ["nonsense"]}, "no question nonsense"),
        ({"card_types": ["cabinet"]}, "cabinet of lighting twice"),
        ({"colour": "red"}, "colour"),
        ({"fr": 3}, "fr"),
    ],
)
def test_a_catalogue_with_a_fault_is_refused_and_says_which(change: dict[str, Any], problem: str) -> None:
    document = deepcopy(CATALOGUE)
    document["types"][0] |= change
    with pytest.raises(Refused, match=problem):
        read_catalogue(document)


@pytest.mark.parametrize(
    ("trade", "kind", "alarm", "found"),
    [
        ("lighting", "single", "lighting.lamp_out", "lighting.lamp_out"),
        ("lighting", "cabinet", "lighting.lamp_out", "lighting.cabinet_lost"),
        ("lighting", "circuit", "lighting.lamp_out", "lighting.street_dark"),
        ("lighting", "feeder", "lighting.cabinet_lost", "lighting.feeder_lost"),
        ("lighting", "gateway", "lighting.gateway_lost", "lighting.gateway_lost"),
        ("platform", "single", "platform.service_down", "platform.service_down"),
        ("platform", "cabinet", "platform.nothing", None),
        ("waste", "cabinet", "lighting.lamp_out", None),
    ],
)
def test_a_card_becomes_what_its_cause_is(trade: str, kind: str, alarm: str, found: str | None) -> None:
    one = find_type_of_card(read_catalogue(CATALOGUE), trade, kind, alarm)
    assert (one.key if one is not None else None) == found


def test_personal_words_have_a_holding() -> None:
    held = {(one.table, column) for one in ROOM.holdings for column in one.columns or ("*",)}
    assert held == {
        ("incidents", "title"), ("incidents", "description"), ("incident_texts", "*"), ("incident_files", "*"),
        ("incident_participants", "taken_by_name"), ("incident_participants", "note"),
    }  # fmt: skip


SQUARE = [[(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0), (0.0, 0.0)]]
WITH_HOLE = [*SQUARE, [(1.0, 1.0), (3.0, 1.0), (3.0, 3.0), (1.0, 3.0)]]
FAR = [[(10.0, 0.0), (12.0, 0.0), (11.0, 2.0)]]


@pytest.mark.parametrize(
    ("lon", "lat", "inside"),
    [(0.5, 0.5, True), (2.0, 2.0, False), (5.0, 2.0, False), (11.0, 1.0, True), (10.0, 1.9, False)],
)
def test_a_point_lies_in_a_polygon_and_not_in_its_hole(lon: float, lat: float, inside: bool) -> None:
    assert lies_within([WITH_HOLE, FAR], lon, lat) is inside


@given(st.floats(-1, 13), st.floats(-1, 5))
def test_a_point_lies_in_exactly_one_of_two_neighbours_that_share_a_side(lon: float, lat: float) -> None:
    west = [[[(0.0, 0.0), (6.0, 0.0), (6.0, 4.0), (0.0, 4.0)]]]
    east = [[[(6.0, 0.0), (12.0, 0.0), (12.0, 4.0), (6.0, 4.0)]]]
    both = [[[(0.0, 0.0), (12.0, 0.0), (12.0, 4.0), (0.0, 4.0)]]]
    assert lies_within(west, lon, lat) + lies_within(east, lon, lat) == lies_within(both, lon, lat)
    assert not lies_within([], lon, lat)
