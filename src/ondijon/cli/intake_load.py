"""How much the gateway role takes in, against what it has been seen to sustain."""

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ondijon.kernel.health import IntakeHealth
from ondijon.runtime.projector import Projector

NOW_S = 10.0
SUSTAINED_S = 60.0


class _Sample(NamedTuple):
    """Totals since the start, at a second of the monotonic clock; busy_s: of the busiest projector."""

    at_s: float
    readings: int
    busy_s: float
    projectors: tuple[int, ...]


class IntakeLoad:
    """Sampled at each heartbeat; a minute counts as sustained when nothing was waiting at any of its heartbeats.

    projectors: one for each part of the field that this role has now. Parts come and go: totals may then step, which
    begins a minute anew and is never told as a rate.
    """

    def __init__(
        self, projectors: Callable[[], Sequence[Projector]], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._projectors = projectors
        self._monotonic = monotonic
        self._samples: deque[_Sample] = deque([self._sample()])
        self._minute_from = self._samples[0]
        self._most_per_s: float | None = None

    def health(self) -> IntakeHealth:
        """Take a sample and tell."""
        now = self._sample()
        if now.projectors != self._samples[-1].projectors:
            self._samples.clear()
            self._minute_from = now
        self._samples.append(now)
        while len(self._samples) > 2 and now.at_s - self._samples[1].at_s >= NOW_S:
            self._samples.popleft()
        self._note_minute(now)
        before = self._samples[0]
        lapse_s = max(now.at_s - before.at_s, 1e-3)
        return IntakeHealth(
            per_s=round((now.readings - before.readings) / lapse_s, 1),
            most_per_s=self._most_per_s,
            busy_share=round(min(1.0, (now.busy_s - before.busy_s) / lapse_s), 4),
            is_shedding=any(one.is_shedding for one in self._projectors()),
            shed=dict(sum((one.shed for one in self._projectors()), Counter())),
        )

    def _note_minute(self, now: _Sample) -> None:
        since = self._minute_from
        if not all(one.keeps_up for one in self._projectors()):
            self._minute_from = now
        elif now.at_s - since.at_s >= SUSTAINED_S:
            per_s = round((now.readings - since.readings) / (now.at_s - since.at_s), 1)
            self._most_per_s = max(per_s, self._most_per_s or 0.0)
            self._minute_from = now

    def _sample(self) -> _Sample:
        found = tuple(self._projectors())
        busy_s = max((one.busy_s for one in found), default=0.0)
        return _Sample(self._monotonic(), sum(one.readings for one in found), busy_s, tuple(map(id, found)))
