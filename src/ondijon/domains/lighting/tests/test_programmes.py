"""The law of programmes, their calendars, how layers compose, and what floors and policies make of them."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from ondijon.domains.lighting.rules.policies import Policy, PolicyState, least_allowed_pct
from ondijon.domains.lighting.rules.programmes.allowances import leave_of
from ondijon.domains.lighting.rules.programmes.calendar import SILENT, make_nights, nights_within, rule_by_night
from ondijon.domains.lighting.rules.programmes.compose import (
    UNKNOWN_FLOOR_PCT,
    Composition,
    Leave,
    change_at,
    compose,
    least_by_minute,
    stored_profile,
)
from ondijon.domains.lighting.rules.programmes.explain import Light, Now, explain_programmes
from ondijon.domains.lighting.rules.programmes.law import LAW, State, Step, evolve
from ondijon.domains.lighting.rules.programmes.local_times import local_of, minute_of, night_clocks, night_of
from ondijon.domains.lighting.rules.programmes.model import (
    AllLights,
    Calendar,
    Content,
    Edge,
    Level,
    Profile,
    Range,
    Rule,
    Span,
)
from ondijon.domains.lighting.rules.programmes.model import Step as Dim
from ondijon.domains.lighting.rules.programmes.sun import Place, levels_on, solve
from ondijon.kernel.errors import NotAllowed, Refused

DIJON = Place(5.0, 47.3, "Europe/Paris")
HOLIDAYS = frozenset({date(2026, 12, 25), date(2027, 1, 1)})
DIMMED = Profile(Edge("sunset"), Edge("sunrise"), 100.0, (Dim("22:30", 70.0), Dim("01:00", 40.0)))
DARK = Profile(off_hours=(Span("00:30", "05:00"),))
MATCH = Rule(Profile(), Calendar(dates=(date(2026, 12, 4),)), Span("20:00", "00:30"))
NAMES = {"fr": "Essai", "en": "Trial"}
ACTORS = st.sampled_from([UUID(int=1), UUID(int=2)])


def content(key: str, layer: str, *rules: Rule) -> Content:
    return Content(key, NAMES, layer, AllLights(), rules)  # type: ignore[arg-type]


def level_at(composition: Composition, local: str) -> float:
    return change_at(composition, minute_of(local)).level_pct


@given(st.sampled_from(State), st.sampled_from(Step), ACTORS, ACTORS)
def test_a_version_goes_only_where_the_law_says_and_nobody_publishes_their_own(
    state: State, step: Step, actor: UUID, proposed_by: UUID
) -> None:
    if (state, step) not in LAW:
        with pytest.raises(Refused, match="programme_step"):
            evolve(state, step, actor, proposed_by)
    elif step is Step.PUBLISH and actor == proposed_by:
        with pytest.raises(NotAllowed, match="own_proposal"):
            evolve(state, step, actor, proposed_by)
    else:
        assert evolve(state, step, actor, proposed_by) is LAW[state, step]


@given(st.lists(st.tuples(st.sampled_from(Step), ACTORS), max_size=12))
def test_what_is_published_was_proposed_and_what_is_over_stays_so(steps: list[tuple[Step, UUID]]) -> None:
    state, proposed_by, seen = State.DRAFT, UUID(int=9), [State.DRAFT]
    for step, actor in steps:
        try:
            state = evolve(state, step, actor, proposed_by)
        except (Refused, NotAllowed):
            continue
        if step is Step.PROPOSE:
            proposed_by = actor
        seen.append(state)
    if State.PUBLISHED in seen:
        assert seen[seen.index(State.PUBLISHED) - 1] is State.PROPOSED
    over = {State.SUPERSEDED, State.WITHDRAWN, State.REJECTED, State.ENDED}
    assert not over & set(seen[:-1])


def test_nights_are_chosen_by_ranges_days_holidays_eves_and_dates() -> None:
    nights = make_nights(date(2026, 12, 21), 14, HOLIDAYS)  # a Monday

    def chosen(calendar: Calendar) -> list[int]:
        return [nights.date_of(place).day for place in np.flatnonzero(nights_within(calendar, nights)).tolist()]

    assert chosen(Calendar()) == [*range(21, 32), 1, 2, 3]
    assert chosen(Calendar(days=("fri", "sat"))) == [25, 26, 1, 2]
    assert chosen(Calendar(days=("eve",))) == [24, 31]
    assert chosen(Calendar(days=("holiday",))) == [25, 1]
    assert chosen(Calendar(ranges=(Range("12-30", "01-02"),))) == [30, 31, 1, 2]
    assert chosen(Calendar(ranges=(Range("2026-12-23", "2026-12-24"),), days=("thu",))) == [24]
    assert chosen(Calendar(dates=(date(2026, 12, 22),))) == [22]
    assert chosen(Calendar(days=("sun",), dates=(date(2026, 12, 22),), except_dates=(date(2026, 12, 27),))) == [22, 3]


def test_the_first_rule_whose_calendar_has_the_night_gives_it() -> None:
    nights = make_nights(date(2026, 12, 21), 7, HOLIDAYS)
    eves = Rule(DIMMED, Calendar(days=("eve",)))
    week = Rule(DARK, Calendar(days=("mon", "tue", "wed", "thu")))
    assert rule_by_night(content("a", "commune", eves, week), nights).tolist() == [1, 1, 1, 0, SILENT, SILENT, SILENT]


def test_the_highest_layer_wins_and_after_a_match_what_lies_below_goes_on() -> None:
    composed = compose([(0, Rule(DIMMED)), (1, Rule(DARK)), (2, MATCH)], floor_pct=0.0)
    assert [level_at(composed, local) for local in ("19:00", "20:00", "23:59")] == [100.0, 100.0, 100.0]
    assert [level_at(composed, local) for local in ("00:29", "00:30", "04:59", "05:00")] == [100.0, 0.0, 0.0, 100.0]
    assert [(change.minute, change.source) for change in composed.changes] == [(0, 1), (480, 2), (750, 1), (1020, 1)]


def test_an_interval_below_a_whole_night_says_nothing() -> None:
    assert compose([(0, Rule(DIMMED)), (1, MATCH), (2, Rule(DARK))], 0.0) == structs.replace(
        compose([(2, Rule(DARK))], 0.0)
    )


def test_without_any_programme_the_lights_burn_all_night() -> None:
    assert stored_profile(compose([], 30.0)).steps == ((0, 100.0),)


def test_the_floor_holds_up_what_no_policy_lifts() -> None:
    held = compose([(0, Rule(DARK))], floor_pct=50.0)
    assert level_at(held, "03:00") == 50.0
    assert change_at(held, minute_of("03:00")).asked_pct == 0.0
    lifted = compose([(0, Rule(DARK))], 50.0, [Leave(minute_of("00:00"), minute_of("04:00"), 0.0)])
    assert [level_at(lifted, local) for local in ("00:30", "03:59", "04:00")] == [0.0, 0.0, 50.0]


def test_the_word_floor_never_means_the_dark() -> None:
    profile = Profile(level_pct="floor")
    assert level_at(compose([(0, Rule(profile))], 40.0), "23:00") == 40.0
    assert level_at(compose([(0, Rule(profile))], 0.0), "23:00") == UNKNOWN_FLOOR_PCT


LEVELS: st.SearchStrategy[Level] = st.one_of(st.floats(0, 100), st.just("floor"))
LOCALS = st.integers(0, 1439).map(local_of)
PROFILES = st.builds(Profile, level_pct=LEVELS, steps=st.lists(st.builds(Dim, LOCALS, LEVELS), max_size=4).map(tuple))
INTERVALS = st.tuples(st.integers(0, 700), st.integers(701, 1439)).map(lambda m: Span(local_of(m[0]), local_of(m[1])))
RULES = st.builds(Rule, PROFILES, interval=st.none() | INTERVALS)


@given(st.lists(RULES, max_size=5), st.floats(0, 100))
def test_no_composition_goes_below_the_floor_or_above_what_its_light_can_give(rules: list[Rule], floor: float) -> None:
    composed = compose(list(enumerate(rules)), floor)
    for change in composed.changes:
        assert floor - 0.01 <= change.level_pct <= 100.0
        assert change.level_pct >= change.asked_pct - 0.01
    assert composed.changes[0].minute == 0


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 1439))
def test_a_policy_means_the_same_minutes_for_programmes_as_for_itself(since: int, until: int, minute: int) -> None:
    night = date(2026, 12, 1)
    policy = Policy(UUID(int=1), "21231", (), True, since, until, 10.0, night, night, PolicyState.AUTHORISED)
    place = {"commune": "21231", "lighting_class": None, "on_crossing": False, "night": night}
    allowed = least_allowed_pct([policy], 50.0, minute=minute, **place)  # type: ignore[arg-type]
    assert least_by_minute(50.0, [leave_of(policy)])[(minute - 720) % 1440] == allowed


def test_local_times_have_their_instants_on_nights_of_23_24_and_25_hours() -> None:
    clocks = night_clocks(date(2026, 10, 24), 1, "Europe/Paris")
    assert clocks.until_s[0] - clocks.noon_s[0] == 25 * 3600
    utc = [datetime.fromtimestamp(clocks.instants_s(minute_of(local))[0], UTC).strftime("%H:%M") for local in
           ("20:00", "01:59", "02:00", "02:59", "03:00", "06:00")]  # fmt: skip
    assert utc == ["18:00", "23:59", "00:00", "00:59", "02:00", "05:00"]
    spring = night_clocks(date(2027, 3, 27), 1, "Europe/Paris")
    assert spring.until_s[0] - spring.noon_s[0] == 23 * 3600
    utc = [datetime.fromtimestamp(spring.instants_s(minute_of(local))[0], UTC).strftime("%H:%M") for local in
           ("20:00", "01:59", "02:30", "03:00", "06:00")]  # fmt: skip
    assert utc == ["19:00", "00:59", "01:30", "01:00", "04:00"]


def test_a_night_has_the_date_of_its_evening() -> None:
    assert night_of(datetime(2026, 12, 5, 10, 59, tzinfo=UTC), "Europe/Paris") == date(2026, 12, 4)
    assert night_of(datetime(2026, 12, 5, 11, 0, tzinfo=UTC), "Europe/Paris") == date(2026, 12, 5)


def test_hours_of_a_night_add_up_to_its_length() -> None:
    solved = solve(stored_profile(compose([(0, Rule(DIMMED))], 0.0)), date(2026, 10, 24), 3, DIJON)
    lengths = (solved.off_s - solved.on_s) / 3600
    assert solved.hours().sum(axis=1) == pytest.approx(lengths)
    assert lengths[0] - lengths[1] == pytest.approx(0.0, abs=0.1)


def test_an_evening_before_dark_lights_nothing() -> None:
    match = Rule(Profile(), Calendar(), Span("20:00", "00:30"))
    profile = stored_profile(compose([(0, Rule(Profile(level_pct=60.0))), (1, match)], 0.0))
    instants, levels = levels_on(profile, date(2026, 6, 21), DIJON)
    assert levels.tolist() == [0.0, 100.0, 60.0, 0.0]
    assert datetime.fromtimestamp(instants[1], UTC).strftime("%H:%M") == "19:39"


def test_one_sentence_a_layer_says_why() -> None:
    contents = (content("metropole", "metropolis", Rule(DIMMED)), content("match", "special", MATCH))
    light = Light(contents, "M4", 50.0, (), DIJON)

    def said(hour: int, minute: int) -> tuple[float, str | None, list[tuple[Any, ...]]]:
        at = datetime(2026, 12, 4, hour, minute, tzinfo=UTC)
        night = night_of(at, "Europe/Paris")
        found = explain_programmes(light, Now(at, make_nights(night, 1, HOLIDAYS)), "fr")
        short: list[tuple[Any, ...]] = [(one.layer, one.key.rpartition(".")[2], one.wins) for one in found.sentences]
        return found.level_pct, found.programme, short

    day = (0.0, None, [("metropolis", "day", False)])
    assert said(11, 30) == day
    later = [("metropolis", "says", True), ("special", "later", False), ("floor", "floor_unused", False)]
    assert said(17, 30) == (100.0, "metropole", later)
    match = [("metropolis", "says", False), ("special", "says", True), ("floor", "floor_unused", False)]
    assert said(22, 30) == (100.0, "match", match)
