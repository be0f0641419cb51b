"""Signals and causes: what a grouping of alarms to their root cause reads and what it answers."""

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct

from ondijon.kernel.arrays import Bools, Bytes8, Ints16, Ints32, Ints64
from ondijon.kernel.city import City


class Signals(Struct, frozen=True, eq=False):
    """Raw alarms that are not over (or not for long), one row each, in any order.

    spec: place in `AlarmKinds.keys`; twin_no: the twin they stand at; raised_us, cleared_us: microseconds since 1970 as
    the post received them (cleared_us 0 = still standing); priority 1 to 4; apart: a person took it out of its group.
    """

    alarm: Sequence[UUID]
    spec: Ints16
    twin_no: Ints32
    raised_us: Ints64
    cleared_us: Ints64
    priority: Bytes8
    apart: Bools

    def __len__(self) -> int:
        return len(self.alarm)


class AlarmKinds(Struct, frozen=True):
    """The alarm keys of the city's manifests in their order: `Signals.spec` counts in it."""

    keys: tuple[str, ...]


class Cause(Struct, frozen=True, eq=False):
    """One root cause behind several signals.

    kind: circuit, phase, cabinet, feeder, gateway, link (topology), or area, flood (time and place); element: its
    stable name, unique within kind (a cabinet's URN, `{cabinet URN}/circuit/2`, a feeder's name); twin: the URN of the
    root where it is a twin; members: rows of `Signals`, the root's own signal among them; first: the row that came
    first; expected: how many twins could have signalled, by INSEE code (empty for area and flood): all of the type
    that most members are of, and any other that did; values: what the explanation `cause.{kind}` needs: `label` (the
    element's name for people), `hit` (distinct twins of that type), `of` (expected in all), `twin_type`, `within_s`,
    and what tells the element apart (`cabinet` and `circuit` or `phase`; `street` for an area).
    """

    kind: str
    element: str
    twin: str | None
    trade: str
    priority: int
    members: Ints32
    first: int
    expected: dict[str, int]
    values: dict[str, Any]


class Grouper(Protocol):
    """A grouping over one city; keeps no state but what it derived from the inventory."""

    def find_causes(self, signals: Signals, standing: Sequence[tuple[str, str]], now_us: int) -> Sequence[Cause]:
        """Every cause that stands now; `standing` are the (kind, element) on screen already, which hold on longer.

        A signal belongs to one cause at most. Never more members than signals; a cause has at least two.
        """
        ...


class MakeGrouper(Protocol):
    """How an automation that groups is built for a city."""

    def __call__(self, city: City, kinds: AlarmKinds) -> Grouper: ...
