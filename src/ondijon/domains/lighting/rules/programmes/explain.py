"""Why a light is as it is now: one sentence for each layer that has something to say, lowest first."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from ondijon.domains.lighting.rules.programmes.calendar import SILENT, Nights, rule_by_night
from ondijon.domains.lighting.rules.programmes.compose import (
    Composition,
    Leave,
    NightProfile,
    change_at,
    compose,
    least_by_minute,
)
from ondijon.domains.lighting.rules.programmes.floors import SLACK_PCT
from ondijon.domains.lighting.rules.programmes.local_times import (
    NIGHT_MIN,
    instant_of,
    local_of,
    minute_at,
    minute_of,
)
from ondijon.domains.lighting.rules.programmes.model import Content, Rule
from ondijon.domains.lighting.rules.programmes.sun import Place, solve

Source = Literal[
    "metropolis", "commune", "exception", "works", "special", "floor", "adaptive", "operator", "fault", "stored"
]


class Sentence(Struct, frozen=True):
    """A catalogue key with its values (`since`, `until`: instants, or local times); wins: it gives the level now."""

    layer: Source
    key: str
    values: dict[str, Any]
    wins: bool = False


class Light(Struct, frozen=True):
    """One light tonight: its programmes from the lowest rank, its class and floor, and what policies allow."""

    contents: tuple[Content, ...]
    lighting_class: str | None
    floor_pct: float
    leaves: tuple[Leave, ...]
    place: Place


class Hold(Struct, frozen=True):
    """Somebody holds the light against its programme; by_rule: an automation does."""

    level_pct: float
    until: datetime | None
    by: str
    by_rule: bool


class Stored(Struct, frozen=True):
    """What the light's gateway is to store, and what it said it does."""

    wanted: int | None
    wanted_since: datetime | None
    stored: int | None


class Explained(Struct, frozen=True):
    """The level by programme now (None: it is off by day), and which programme gives it."""

    level_pct: float
    programme: str | None
    sentences: list[Sentence]


class Now(Struct, frozen=True):
    """An instant within its night."""

    at: datetime
    nights: Nights


def explain_programmes(light: Light, now: Now, language: Literal["fr", "en"]) -> Explained:
    """What programmes and floor make of a light at an instant."""
    said = [(content, rule_by_night(content, now.nights)[0]) for content in light.contents]
    speaking = [(place, content.rules[rule]) for place, (content, rule) in enumerate(said) if rule != SILENT]
    composition = compose(speaking, light.floor_pct, light.leaves)
    night = _Night(composition, light, now)
    winner = night.source
    sentences = [
        sentence
        for place, rule in speaking
        for sentence in _of_programme(light, light.contents[place], rule, night, place == winner, language)
    ]
    if not any(rule.interval is None for _, rule in speaking):
        sentences.insert(0, Sentence("metropolis", "lighting.why.nobody", {}, winner == SILENT and night.is_lit))
    sentences += _of_floor(light, night)
    key = light.contents[winner].key if winner != SILENT and night.is_lit else None
    return Explained(night.level_pct, key, sentences)


class _Night:
    """A composed night at an instant: whether the lights are on, at what minute of local time, by whom."""

    def __init__(self, composition: Composition, light: Light, now: Now) -> None:
        steps = tuple((change.minute, change.level_pct) for change in composition.changes)
        solved = solve(NightProfile(composition.on, composition.off, steps), now.nights.first, 1, light.place)
        at_s = now.at.timestamp()
        self.on_at = instant_of(round(float(solved.on_s[0])))
        self.off_at = instant_of(round(float(solved.off_s[0])))
        self.is_lit = bool(solved.on_s[0] <= at_s < solved.off_s[0])
        held = [
            place
            for place, (start_s, end_s) in enumerate(zip(solved.start_s[0], solved.end_s[0], strict=True))
            if start_s <= at_s < end_s
        ]
        self.change = composition.changes[held[0]] if held else change_at(composition, 0)
        self.source = self.change.source if self.is_lit else SILENT
        self.level_pct = self.change.level_pct if self.is_lit else 0.0
        self.minute = minute_at(now.at, light.place.timezone)
        self.before_on = at_s < solved.on_s[0]


def _of_programme(
    light: Light, content: Content, rule: Rule, night: _Night, wins: bool, language: Literal["fr", "en"]
) -> Iterator[Sentence]:
    named: dict[str, Any] = {"name": content.names[language], "layer": content.layer}
    alone = compose([(0, Rule(rule.profile))], light.floor_pct)
    change = change_at(alone, night.minute)
    asked = {**named, "level_pct": change.asked_pct}
    key = "lighting.why.off" if change.asked_pct == 0.0 else "lighting.why.says"
    if not night.is_lit:
        if rule.interval is None:
            until = night.on_at if night.before_on else night.off_at
            yield Sentence(content.layer, "lighting.why.day", {**named, "until": until})
    elif rule.interval is None:
        since, ends = _stretch(alone, change.minute, night)
        yield Sentence(content.layer, key, {**asked, "since": since, "until": ends}, wins)
    elif night.minute < minute_of(rule.interval.from_local):
        yield Sentence(content.layer, "lighting.why.later", {**asked, "since": rule.interval.from_local})
    elif night.minute < (minute_of(rule.interval.until_local) or NIGHT_MIN):
        span = {"since": rule.interval.from_local, "until": rule.interval.until_local}
        yield Sentence(content.layer, key, {**asked, **span}, wins)


def _stretch(composition: Composition, minute: int, night: _Night) -> tuple[Any, Any]:
    """From when until when a level is asked for: local times, or the instants of on and off."""
    later = [change.minute for change in composition.changes if change.minute > minute]
    until: Any = local_of(later[0]) if later else night.off_at
    return (local_of(minute) if minute else night.on_at), until


def _of_floor(light: Light, night: _Night) -> Iterator[Sentence]:
    if not night.is_lit or light.floor_pct <= 0.0:
        return
    values = {"class": light.lighting_class or "?", "floor_pct": light.floor_pct}
    least = float(least_by_minute(light.floor_pct, light.leaves)[night.minute])
    if night.change.level_pct > night.change.asked_pct + SLACK_PCT:
        yield Sentence("floor", "lighting.why.floor", values, wins=True)
    elif night.change.level_pct < light.floor_pct - SLACK_PCT and least < light.floor_pct:
        yield Sentence("floor", "lighting.why.under_floor", values)
    else:
        yield Sentence("floor", "lighting.why.floor_unused", values)


def explain_holds(holds: Sequence[Hold]) -> list[Sentence]:
    """Who holds a light against its programme: an automation below a person."""
    said = []
    for hold in sorted(holds, key=lambda hold: not hold.by_rule):
        layer: Source = "adaptive" if hold.by_rule else "operator"
        key = f"lighting.why.{layer}" if hold.until or hold.by_rule else "lighting.why.operator_open"
        said.append(Sentence(layer, key, {"level_pct": hold.level_pct, "until": hold.until, "by": hold.by}, wins=True))
    return said


def explain_stored(stored: Stored | None) -> Sentence:
    """Whether the gateway has what is in force; None: no gateway speaks for the light."""
    if stored is None:
        return Sentence("stored", "lighting.why.no_gateway", {})
    if stored.wanted is None:
        return Sentence("stored", "lighting.why.factory", {})
    if stored.stored == stored.wanted:
        return Sentence("stored", "lighting.why.stored", {"version": stored.wanted})
    values = {"version": stored.wanted, "stored": stored.stored, "since": stored.wanted_since}
    return Sentence("stored", "lighting.why.behind" if stored.stored is not None else "lighting.why.unknown", values)


def settle(sentences: list[Sentence]) -> list[Sentence]:
    """Only the highest that gives a level wins."""
    winners = [place for place, sentence in enumerate(sentences) if sentence.wins]
    return [
        sentence
        if place in winners[-1:] or not sentence.wins
        else Sentence(sentence.layer, sentence.key, sentence.values)
        for place, sentence in enumerate(sentences)
    ]
