"""Classes and floors: the standard's tables, what is inferred, and the laws of floors."""

import tomllib
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon.domains.lighting.rules.classes import (
    CLASS_NO,
    CLASSES,
    STREET_USES,
    LightingClass,
    conflict_class,
    darker,
    infer_class,
    light_ratio,
    read_class,
    required,
)
from ondijon.domains.lighting.rules.floors import CommuneFloor, floor_pct, make_table, read_floors
from ondijon.kernel.errors import Refused

any_class = st.sampled_from(CLASSES)


def floors_file() -> dict[str, Any]:
    return tomllib.loads((files("ondijon") / "cities/lighting_floors.toml").read_text("utf-8"))


def test_a_main_road_is_brighter_than_a_path() -> None:
    assert infer_class("primary", None) is LightingClass.M3
    assert infer_class("residential", None) is LightingClass.P4
    assert infer_class("path", None) is LightingClass.P6


def test_a_street_class_nobody_knows_is_taken_as_residential() -> None:
    assert infer_class("bridleway", None) is infer_class("residential", None)


@given(st.sampled_from(sorted(STREET_USES)), st.integers(0, 200_000), st.integers(0, 200_000))
def test_more_traffic_never_infers_a_darker_class(street_class: str, one: int, other: int) -> None:
    few, many = sorted((one, other))
    assert required(infer_class(street_class, many)) >= required(infer_class(street_class, few))


@given(any_class)
def test_a_conflict_area_is_never_darker_than_its_street(lighting_class: LightingClass) -> None:
    conflict = conflict_class(lighting_class)
    assert conflict.startswith("C")
    if lighting_class.startswith("C") or lighting_class.startswith("P"):
        assert required(conflict) >= required(lighting_class) or lighting_class is LightingClass.C0


@given(any_class, st.integers(-8, 8))
def test_a_step_stays_in_the_family_and_goes_the_right_way(lighting_class: LightingClass, steps: int) -> None:
    stepped = darker(lighting_class, steps)
    assert stepped[0] == lighting_class[0]
    assert (required(stepped) - required(lighting_class)) * steps <= 0.0


def test_classes_of_two_families_have_no_ratio() -> None:
    with pytest.raises(AssertionError):
        light_ratio(LightingClass.P1, LightingClass.M1)


def test_a_class_is_read_as_inventories_write_it() -> None:
    assert read_class(" m3 ") is LightingClass.M3
    assert read_class("ME3a") is None and read_class(None) is None


def test_the_shared_file_has_a_floor_for_every_class() -> None:
    table = make_table(read_floors(floors_file()), (), ("21231",))
    pct = dict(zip(CLASSES, table.pct[:, 0, 0].tolist(), strict=True))
    assert (pct["M3"], pct["M4"], pct["M6"], pct["C3"], pct["P4"], pct["P7"]) == (50.0, 40.0, 100.0, 67.0, 40.0, 0.0)


def test_a_file_that_leaves_a_class_out_is_refused() -> None:
    content = floors_file()
    content["floors"].pop()
    with pytest.raises(Refused):
        read_floors(content)


def test_a_floor_of_another_family_is_refused() -> None:
    content = floors_file()
    content["floors"][0]["kept"] = "P3"
    with pytest.raises(Refused):
        read_floors(content)


@given(any_class, st.booleans(), st.floats(0.0, 150.0), st.booleans(), st.none() | any_class)
def test_a_commune_only_raises_a_floor_and_never_above_all_light(
    lighting_class: LightingClass,
    on_crossing: bool,
    least_pct: float,
    crossings_only: bool,
    meant: LightingClass | None,
) -> None:
    floors = read_floors(floors_file())
    asked = CommuneFloor("21231", least_pct, "délibération", meant, crossings_only)
    at = (
        np.array([CLASS_NO[lighting_class]] * 2, np.int8),
        np.array([on_crossing] * 2),
        np.array([0, 1], np.int16),
    )
    plain = floor_pct(make_table(floors, (), ("21231", "21166")), *at)
    raised = floor_pct(make_table(floors, (asked,), ("21231", "21166")), *at)
    assert raised[1] == plain[1]
    assert plain[0] <= raised[0] <= 100.0
    is_meant = meant in (None, lighting_class) and (on_crossing or not crossings_only)
    assert raised[0] == (max(plain[0], min(least_pct, 100.0)) if is_meant else plain[0])
