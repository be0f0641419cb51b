"""A programme's content: its layer, its lights, the nights it speaks on, and what it says then."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

Layer = Literal["metropolis", "commune", "exception", "works", "special"]
LAYERS: tuple[Layer, ...] = ("metropolis", "commune", "exception", "works", "special")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday", "eve"]
Sun = Literal["sunset", "sunrise", "dusk", "dawn"]
FLOOR: Literal["floor"] = "floor"
MOST_RULES = 12
MOST_STEPS = 12
MOST_OFF_HOURS = 3
MOST_STREETS = 500
MOST_CORNERS = 200
MOST_TWINS = 2_000

LocalTime = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
# A date, or the month and day of every year.
DayOfYear = Annotated[str, Meta(pattern=r"^(\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
Level = Annotated[float, Meta(ge=0, le=100)] | Literal["floor"]
Name = Annotated[str, Meta(min_length=1, max_length=80)]
Key = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,47}$")]
Insee = Annotated[str, Meta(min_length=1, max_length=5)]


class Edge(Struct, frozen=True, forbid_unknown_fields=True):
    """When the lights come on or go off: by the sun, shifted by minutes, within local times."""

    sun: Sun
    offset_min: Annotated[float, Meta(ge=-120, le=120)] = 0.0
    not_before: LocalTime | None = None
    not_after: LocalTime | None = None


class Step(Struct, frozen=True, forbid_unknown_fields=True, rename={"from_local": "from"}):
    """From this local time on, this level."""

    from_local: LocalTime
    level_pct: Level


class Span(Struct, frozen=True, forbid_unknown_fields=True, rename={"from_local": "from", "until_local": "until"}):
    """Between two local times of one night; from 12:00 on they belong to the evening."""

    from_local: LocalTime
    until_local: LocalTime


class Profile(Struct, frozen=True, forbid_unknown_fields=True):
    """One night: level from `on`, then steps, none in the switch-off hours, until `off`."""

    on: Edge = Edge("sunset")
    off: Edge = Edge("sunrise")
    level_pct: Level = 100.0
    steps: Annotated[tuple[Step, ...], Meta(max_length=MOST_STEPS)] = ()
    off_hours: Annotated[tuple[Span, ...], Meta(max_length=MOST_OFF_HOURS)] = ()


class Range(Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from", "last": "until"}):
    """Days from one to another, both included: of one year, or of every year (`11-01`, also across New Year)."""

    first: DayOfYear
    last: DayOfYear


class Calendar(Struct, frozen=True, forbid_unknown_fields=True):
    """Which nights, each named by its evening: in a range, on one of the days; `dates` too, `except_dates` never."""

    ranges: Annotated[tuple[Range, ...], Meta(max_length=24)] = ()
    days: Annotated[tuple[Day, ...], Meta(max_length=9)] = ()
    dates: Annotated[tuple[date, ...], Meta(max_length=400)] = ()
    except_dates: Annotated[tuple[date, ...], Meta(max_length=400)] = ()


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """On these nights this profile; with an interval only then, and only while a layer below has the lights on."""

    profile: Profile
    calendar: Calendar = Calendar()
    interval: Span | None = None


class AllLights(Struct, frozen=True, forbid_unknown_fields=True, tag="all", tag_field="kind"):
    """Every light of the metropolis."""


class OfCommunes(Struct, frozen=True, forbid_unknown_fields=True, tag="communes", tag_field="kind"):
    """The lights of some communes."""

    communes: Annotated[tuple[Insee, ...], Meta(min_length=1, max_length=100)]


class OfClasses(Struct, frozen=True, forbid_unknown_fields=True, tag="classes", tag_field="kind"):
    """The lights of some EN 13201 classes, in some communes or everywhere."""

    classes: Annotated[tuple[Annotated[str, Meta(max_length=8)], ...], Meta(min_length=1, max_length=40)]
    communes: Annotated[tuple[Insee, ...], Meta(max_length=100)] = ()


class StreetOf(Struct, frozen=True, forbid_unknown_fields=True):
    """A street by its name in its commune: all of its arcs."""

    commune: Insee
    name: Annotated[str, Meta(min_length=1, max_length=120)]


class OfStreets(Struct, frozen=True, forbid_unknown_fields=True, tag="streets", tag_field="kind"):
    """The lights of some streets."""

    streets: Annotated[tuple[StreetOf, ...], Meta(min_length=1, max_length=MOST_STREETS)]


class InPolygon(Struct, frozen=True, forbid_unknown_fields=True, tag="polygon", tag_field="kind"):
    """The lights in a zone, corner by corner in lon, lat."""

    polygon: Annotated[tuple[tuple[float, float], ...], Meta(min_length=3, max_length=MOST_CORNERS)]


class OfTwins(Struct, frozen=True, forbid_unknown_fields=True, tag="twins", tag_field="kind"):
    """Lights one by one."""

    twins: Annotated[tuple[str, ...], Meta(min_length=1, max_length=MOST_TWINS)]


Scope = AllLights | OfCommunes | OfClasses | OfStreets | InPolygon | OfTwins


class Content(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that one version of a programme says."""

    key: Key
    names: dict[Literal["fr", "en"], Name]
    layer: Layer
    scope: Scope
    rules: Annotated[tuple[Rule, ...], Meta(min_length=1, max_length=MOST_RULES)]
    priority: Annotated[int, Meta(ge=0, le=99)] = 0

    @property
    def rank(self) -> tuple[int, int, str]:
        """Where it stands among the others: of two that speak at once, the higher rank wins."""
        return LAYERS.index(self.layer), self.priority, self.key
