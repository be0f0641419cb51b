"""How much the gateway role takes in, against what it has been seen to sustain."""

import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from ondijon.kernel.health import IntakeHealth
from ondijon.runtime.projector import Projector

NOW_S = 10.0
SUSTAINED_S = 60.0


class _Sample(NamedTuple):
    """Totals since the start, at a second of the monotonic clock."""

    at_s: float
    readings: int
    busy_s: float


class IntakeLoad:
    """Sampled at each heartbeat; a minute counts as sustained when nothing waits at its end."""

    def __init__(self, projector: Projector, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._projector = projector
        self._monotonic = monotonic
        self._samples: deque[_Sample] = deque([self._sample()])
        self._most_per_s: float | None = None

    def health(self) -> IntakeHealth:
        """Take a sample and tell."""
        now = self._sample()
        self._samples.append(now)
        while len(self._samples) > 2 and now.at_s - self._samples[1].at_s >= SUSTAINED_S:
            self._samples.popleft()
        self._note_minute(now)
        recent = next(one for one in self._samples if now.at_s - one.at_s <= NOW_S)
        if recent is now:
            recent = self._samples[0]
        lapse_s = max(now.at_s - recent.at_s, 1e-3)
        return IntakeHealth(
            per_s=round((now.readings - recent.readings) / lapse_s, 1),
            most_per_s=self._most_per_s,
            busy_share=round(min(1.0, (now.busy_s - recent.busy_s) / lapse_s), 4),
            is_shedding=self._projector.is_shedding,
            shed=dict(self._projector.shed),
        )

    def _note_minute(self, now: _Sample) -> None:
        first = self._samples[0]
        if now.at_s - first.at_s < SUSTAINED_S or not self._projector.keeps_up:
            return
        per_s = round((now.readings - first.readings) / (now.at_s - first.at_s), 1)
        self._most_per_s = max(per_s, self._most_per_s or 0.0)

    def _sample(self) -> _Sample:
        return _Sample(self._monotonic(), self._projector.readings, self._projector.busy_s)
