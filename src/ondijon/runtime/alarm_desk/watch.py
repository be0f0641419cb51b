"""One kind of alarm over all rows of its type: what stands, since when, what is open, and what chatters."""

from collections.abc import Sequence
from copy import deepcopy

import numpy as np

from ondijon.kernel.alarms import AlarmSpec, AlarmView
from ondijon.kernel.arrays import Bools, Ints8, Ints32, Ints64

NOT_SINCE = np.iinfo(np.int64).max
LONG_AGO = np.iinfo(np.int64).min // 2


class Watch:
    """The state of one AlarmSpec by row; times in microseconds since 1970-01-01 UTC.

    A row that is `silenced` (works, out of service) or suppressed by design does not stand, whatever its condition.
    """

    def __init__(self, spec: AlarmSpec, rows: int, families: Ints32) -> None:
        self.spec = spec
        self._families = families
        self.stands: Bools = np.zeros(rows, np.bool_)
        self.since_us: Ints64 = np.full(rows, NOT_SINCE, np.int64)
        self.open: Bools = np.zeros(rows, np.bool_)
        self.silenced: Bools = np.zeros(rows, np.bool_)
        # The instants of the last raises by row, as a ring.
        self._raised_us: Ints64 = np.full((max(spec.chatter_raises, 1), rows), LONG_AGO, np.int64)
        self._place: Ints8 = np.zeros(rows, np.int8)

    def copy(self) -> "Watch":
        """The same state, that from now on goes its own way."""
        return deepcopy(self, {id(self.spec): self.spec})

    def judge(self, view: AlarmView, rows: Ints32) -> None:
        """See anew whether the condition stands at these rows."""
        spec = self.spec
        if spec.predicate is None:
            return
        stands = spec.predicate(view, rows)
        if spec.clears is not None:
            stands = np.where(self.stands[rows], ~spec.clears(view, rows), stands)
        if spec.suppressed is not None:
            stands = stands & ~spec.suppressed(view, rows)
        stands = stands & ~self.silenced[rows]
        turned = stands != self.stands[rows]
        changed = rows[turned]
        self.stands[changed] = stands[turned]
        self.since_us[changed] = view.now_us

    def silence(self, mask: Bools) -> Ints32:
        """Take over which rows are silenced; returns those where that has changed."""
        changed: Ints32 = np.flatnonzero(mask != self.silenced).astype(np.int32)
        self.silenced = mask
        return changed

    def due(self, now_us: int) -> Ints64:
        """Rows whose condition has differed from what is open for longer than its delay."""
        waiting = np.flatnonzero(self.stands != self.open)
        if not len(waiting):
            return waiting
        delay_s = np.where(self.stands[waiting], self.spec.on_delay_s, self.spec.off_delay_s)
        if self.spec.together_from:
            delay_s[self._are_together(waiting, now_us)] = 0.0
        return waiting[now_us - self.since_us[waiting] >= delay_s * 1_000_000]

    def _are_together(self, waiting: Ints64, now_us: int) -> Bools:
        """Which of these rise with enough others of their parent: that is no single twin's whim."""
        rises = self.stands[waiting]
        lately = self.stands & (self.since_us > now_us - self.spec.on_delay_s * 1_000_000)
        counts = np.bincount(self._families[lately], minlength=int(self._families.max(initial=0)) + 1)
        together: Bools = rises & (counts[self._families[waiting]] >= self.spec.together_from)
        return together

    def note_raises(self, rows: Ints64, at_us: int) -> Bools:
        """Remember these raises; tells for each row whether it chatters now."""
        raises = len(self._raised_us)
        self._raised_us[self._place[rows], rows] = at_us
        self._place[rows] = (self._place[rows] + 1) % raises
        if self.spec.chatter_raises < 2:
            return np.zeros(len(rows), np.bool_)
        oldest = self._raised_us[self._place[rows], rows]
        chatters: Bools = at_us - oldest <= self.spec.chatter_window_s * 1_000_000
        return chatters

    def restore(self, row: int, raises_us: Sequence[int]) -> None:
        """Take up the raises of a row before a restart, the oldest first."""
        for at_us in raises_us:
            self.note_raises(np.array([row], np.int64), at_us)
