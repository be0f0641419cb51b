"""What a version changes against another: word by word, and in lights, nights, kWh and EUR."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from msgspec import Struct, to_builtins

from ondijon.domains.lighting.rules.programmes.lights import rows_in
from ondijon.domains.lighting.rules.programmes.model import Content
from ondijon.domains.lighting.rules.programmes.preview import Point, Tariff, draw, price_year
from ondijon.domains.lighting.rules.programmes.trial import Trial


class Line(Struct, frozen=True):
    """One word of the content that is another."""

    path: str
    before: Any
    after: Any


class Segment(Struct, frozen=True, rename={"since": "from"}):
    """A stretch of a night at another level."""

    since: datetime
    until: datetime
    before_pct: float
    after_pct: float


class Difference(Struct, frozen=True):
    """After minus before, over the year to come; segments: of the first night that changes, for most of its lights."""

    lines: list[Line]
    lights_added: int
    lights_removed: int
    lights: int
    nights: int
    segments: list[Segment]
    kwh: float
    eur: float


def compare(trial: Trial, former: Content | None, tariff: Tariff) -> Difference:
    """What the trial's content changes against `former` (None: against not being there)."""
    lights = trial.ground.lights
    now = rows_in(trial.content.scope, lights)
    then = np.zeros_like(now) if former is None else rows_in(former.scope, lights)
    year = price_year(trial, tariff)
    return Difference(
        lines=list(list_lines(to_builtins(former) if former else {}, to_builtins(trial.content))),
        lights_added=int((now & ~then).sum()),
        lights_removed=int((then & ~now).sum()),
        lights=int(trial.changed.any(axis=1).sum()),
        nights=int(trial.changed.any(axis=0).sum()),
        segments=_segments(trial),
        kwh=round(year.after.kwh - year.before.kwh, 1),
        eur=round(year.after.eur - year.before.eur, 2),
    )


def list_lines(before: Any, after: Any, path: str = "") -> Iterator[Line]:
    """Where two plain values differ, deepest place first named, in the order of the later one."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*after, *before)):
            yield from list_lines(before.get(key), after.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(before, list | tuple) and isinstance(after, list | tuple):
        for place in range(max(len(before), len(after))):
            left, right = (one[place] if place < len(one) else None for one in (before, after))
            yield from list_lines(left, right, f"{path}.{place}")
    elif before != after:
        yield Line(path, before, after)


def _segments(trial: Trial) -> list[Segment]:
    changed = trial.changed.any(axis=0)
    if not changed.any():
        return []
    night = int(np.argmax(changed))
    rows = trial.rows[trial.changed[:, night]]
    pairs = np.stack([trial.before.signatures.of_light[rows], trial.after.signatures.of_light[rows]], axis=1)
    found, counts = np.unique(pairs, axis=0, return_counts=True)
    left, right = found[int(np.argmax(counts))].tolist()
    place = trial.ground.place
    return list(_where_unlike(draw(trial.before, left, night, place), draw(trial.after, right, night, place)))


def _where_unlike(before: tuple[Point, ...], after: tuple[Point, ...]) -> Iterator[Segment]:
    turns = sorted({at for at, _, _ in (*before, *after)})
    for since, until in zip(turns, turns[1:], strict=False):
        left, right = _level_at(before, since), _level_at(after, since)
        if left != right:
            yield Segment(since, until, left, right)


def _level_at(points: tuple[Point, ...], at: datetime) -> float:
    return next(level for since, level, _ in reversed(points) if since <= at)
