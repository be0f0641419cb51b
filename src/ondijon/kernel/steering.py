"""A steering looks at what is measured, beat by beat, and says what each zone should be at; pure, like a rule."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Bools, Floats, Ints8, Ints32, Ints64
from ondijon.kernel.automation import Card
from ondijon.kernel.city import City
from ondijon.kernel.ports import Rows


class Zone(Struct, frozen=True):
    """What is steered as one: things of one class on one street of one commune.

    designed: the class they were built for; street_designed: that of their street, another one on a crossing;
    floor_pct: what nothing goes below; street_class: see `inventory.StreetClass`.
    """

    key: str
    commune: str
    street: str
    street_class: str
    designed: str
    street_designed: str
    floor_pct: float


class Ground(Struct, frozen=True, eq=False):
    """Where a steering may act: its zones, the zone of each row of the steered type (-1: none), that it changes by."""

    zones: tuple[Zone, ...]
    zone_of: Ints32
    version: str


class Seen(Struct, frozen=True, eq=False):
    """What a steering may look at.

    value, observed_us: by row of the type that it reads, per property and of the newest of them (0: never); by zone:
    lit (its programme has light on), urgent (an incident or a crew is near), current_pct (what is reported now, NaN:
    nothing).
    """

    now_us: int
    value: Mapping[str, Floats]
    observed_us: Ints64
    lit: Bools
    urgent: Bools
    current_pct: Floats


class Steered(Struct, frozen=True, eq=False):
    """What is wanted of each zone: a level in %, NaN = leave it to its programme; why, as a place in `causes`.

    memory: what the next beat must be given; inputs: what this one knew. Both are the steerer's own.
    """

    level_pct: Floats
    why: Ints8
    memory: Any
    inputs: Any


class Steerer(Protocol):
    """A steering laid out for one ground; pure: the same sight and memory give the same answer."""

    @property
    def causes(self) -> tuple[str, ...]:
        """Catalogue keys of what may be the reason."""
        ...

    def begin(self) -> Any:
        """The memory of one that has seen nothing yet."""
        ...

    def steer(self, seen: Seen, memory: Any) -> Steered:
        """One beat."""
        ...

    def known(self, steered: Steered, zone: int) -> dict[str, Any]:
        """What a beat knew of a zone: stored with its decision, so that it can be decided again."""
        ...


class Steering(Struct, frozen=True, eq=False):
    """An automation that steers: it submits `command` for each zone, held `hold_s` and renewed, as its own pseudonym.

    ground: key of the `GroundSpec` it steers; reads: twin type it measures with; decide_again: a stored decision's
    input to the level (None: the programme's) and the cause.
    """

    card: Card
    ground: str
    reads: str
    command: str
    every_s: float
    hold_s: int
    make_steerer: Callable[[City, Ground], Steerer]
    decide_again: Callable[[Mapping[str, Any]], tuple[float | None, str]]


class ProgrammeNight(Struct, frozen=True, eq=False):
    """What programmes ask of each row tonight: the course of each row, and each course as (epoch s, level in %)."""

    course_of: Ints32
    courses: tuple[tuple[Floats, Floats], ...]

    def level_pct(self, now_us: int) -> Floats:
        """The level of each row at an instant; NaN where nothing is known."""
        now_s = now_us / 1e6
        levels = [
            float(course[place]) if (place := int(np.searchsorted(at_s, now_s, side="right")) - 1) >= 0 else np.nan
            for at_s, course in self.courses
        ]
        return np.append(np.array(levels, np.float64), np.nan)[self.course_of]


class GroundSpec(Struct, frozen=True, eq=False):
    """What a trade lets automations steer.

    read: its zones, only where people have switched steering on; version: changes when they must be read again; night:
    what programmes ask for in the night of an instant.
    """

    key: str
    twin_type: str
    read: Callable[[Rows, City], Awaitable[Ground]]
    version: Callable[[Rows], Awaitable[str]]
    night: Callable[[Rows, City, datetime], Awaitable[ProgrammeNight]]
