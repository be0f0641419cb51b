"""What the post compiles and what a gateway makes of it, by two implementations that share no code, over a year."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
import pytest

from ondijon.domains.lighting.desk.programmes.holidays import holidays_around
from ondijon.domains.lighting.rules.programmes.calendar import make_nights
from ondijon.domains.lighting.rules.programmes.compile import NIGHTS, Cabinet, StoredContent, compile_cabinets
from ondijon.domains.lighting.rules.programmes.lights import Lights
from ondijon.domains.lighting.rules.programmes.model import Content
from ondijon.domains.lighting.rules.programmes.resolve import Resolution, resolve
from ondijon.domains.lighting.rules.programmes.sun import Place, levels_on
from ondijon.simulator.field.programme import groups_of, nights_of, read_programme

FIRST = date(2026, 10, 1)  # the nights of 24 October 2026 and 27 March 2027 are within a year
COUNT = 8
PLACE = Place(5.0, 47.3, "Europe/Paris")
NAMES = {"fr": "Essai", "en": "Trial"}
ALL = {"kind": "all"}
SWITCHED = {"off_hours": [{"from": "00:30", "until": "05:00"}]}
BOUND = {"on": {"sun": "dusk", "offset_min": -5, "not_before": "17:30", "not_after": "21:45"}, "off": {"sun": "dawn"}}
# Steps in and about the hours that occur twice, or not at all.
HALF_HOURS = ("01:00", "01:30", "02:00", "02:30", "03:00", "03:30")
NARROW = {"steps": [{"from": local, "level_pct": 20 + 9 * place} for place, local in enumerate(HALF_HOURS)]}
CONTENTS: list[dict[str, Any]] = [
    {"key": "base", "layer": "metropolis", "scope": ALL, "rules": [{"profile": NARROW}]},
    {
        "key": "hours",
        "layer": "commune",
        "scope": {"kind": "communes", "communes": ["21166"]},
        "rules": [{"calendar": {"days": ["fri", "sat", "eve", "holiday"]}, "profile": BOUND}, {"profile": SWITCHED}],
    },
    {
        "key": "class",
        "layer": "exception",
        "scope": {"kind": "classes", "classes": ["P3"]},
        "rules": [{"calendar": {"ranges": [{"from": "11-01", "until": "02-28"}]}, "profile": {"level_pct": "floor"}}],
    },
    {
        "key": "evening",
        "layer": "special",
        "scope": {"kind": "twins", "twins": ["urn:0", "urn:3"]},
        "rules": [
            {"calendar": {"days": ["wed"]}, "profile": {}, "interval": {"from": "20:00", "until": "02:30"}},
        ],
    },
]


def some_lights() -> Lights:
    """Eight lights behind one cabinet, in two communes and two classes, with three floors."""
    number = np.arange(COUNT, dtype=np.int32)
    return Lights(
        twin_no=number,
        lon=np.full(COUNT, 5.04),
        lat=np.full(COUNT, 47.32),
        commune=(number % 2).astype(np.int16),
        communes=("21166", "21231"),
        street=np.full(COUNT, -1, np.int32),
        streets=(),
        lighting_class=(number % 3 - 1).astype(np.int16),
        classes=("M4", "P3"),
        on_crossing=np.zeros(COUNT, np.bool_),
        floor_pct=np.array([0.0, 30.0, 45.0, 0.0, 30.0, 45.0, 0.0, 30.0]),
        rated_w=np.full(COUNT, 40.0),
        cabinet=np.zeros(COUNT, np.int32),
        device=[f"SL-{place}" for place in range(COUNT)],
        row_of={f"urn:{place}": place for place in range(COUNT)},
    )


def compile_one(lights: Lights) -> tuple[Resolution, StoredContent]:
    contents = msgspec.convert([{**content, "names": NAMES} for content in CONTENTS], list[Content])
    nights = make_nights(FIRST, NIGHTS, holidays_around(FIRST, FIRST + timedelta(days=NIGHTS)))
    resolution = resolve(lights, contents, nights)
    cabinet = Cabinet(1, 5.04, 47.32, np.arange(COUNT, dtype=np.int32))
    [content] = compile_cabinets(resolution, lights, [cabinet], PLACE.timezone)
    return resolution, msgspec.json.decode(msgspec.json.encode(content))


def test_two_implementations_agree_on_every_light_and_night_of_a_year() -> None:
    lights = some_lights()
    resolution, content = compile_one(lights)
    programme = read_programme(content)
    group_of = groups_of(programme, [device or "" for device in lights.device])
    assert len(set(group_of)) > 3
    for place in range(365):
        night = FIRST + timedelta(days=place)
        nights = nights_of(programme, datetime(night.year, night.month, night.day, 20, tzinfo=UTC).timestamp())
        for row in range(COUNT):
            signature = int(resolution.signatures.of_light[row])
            profile = resolution.profiles[resolution.profile_of[resolution.by_night[signature, place]]]
            instants, levels = levels_on(profile, night, PLACE)
            stored = nights[group_of[row]]
            assert np.allclose(instants[1:], stored.instants_s, atol=1.0), (night, row)
            assert np.allclose(levels[1:], np.array(stored.levels) * 100.0, atol=0.01), (night, row)


@pytest.mark.parametrize("night", [date(2026, 10, 24), date(2027, 3, 27)])
def test_on_the_nights_of_25_and_23_hours_no_light_is_without_a_level(night: date) -> None:
    lights = some_lights()
    resolution, content = compile_one(lights)
    programme = read_programme(content)
    for minute in range(0, 24 * 60, 10):
        at_s = datetime(night.year, night.month, night.day, 16, tzinfo=UTC).timestamp() + 60.0 * minute
        for group in nights_of(programme, at_s):
            level, lit, until_s = group.at(at_s)
            assert until_s > at_s
            assert 0.0 <= level <= 1.0
            assert lit or level == 0.0
    assert len(resolution.profiles) >= 4
