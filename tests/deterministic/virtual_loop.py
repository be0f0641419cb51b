"""An event loop whose seconds cost nothing: waiting moves its clock, and nothing else does."""

import asyncio
import selectors
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from ondijon.kernel.clock import MICROSECOND, to_us


class AllWaitForEver(AssertionError):
    """No task can ever go on: in a real process this would be a standstill."""


class _NoFiles(selectors.BaseSelector):
    """Selects among no files: what would be slept is added to the loop's clock."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise AllWaitForEver("every task waits for another")
        if timeout > 0:
            self.now_s += timeout
        return []

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return selectors.SelectorKey(fileobj, 0, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return selectors.SelectorKey(fileobj, 0, 0, None)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return {}

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        raise KeyError(fileobj)


class VirtualLoop(asyncio.SelectorEventLoop):
    """asyncio itself, over the clock of `_NoFiles`: the same calls in the same order give the same run."""

    def __init__(self) -> None:
        self._no_files = _NoFiles()
        super().__init__(self._no_files)

    def time(self) -> float:
        return self._no_files.now_s

    def skip_to(self, at_s: float) -> None:
        """Let time pass at once, as for a computer that slept: what was due meanwhile is due now, once."""
        self._no_files.now_s = max(self._no_files.now_s, at_s)


class VirtualClock:
    """The kernel's Clock over a loop; instants have whole microseconds."""

    def __init__(self, loop: VirtualLoop, start: datetime) -> None:
        self._loop = loop
        self._start = start
        self._start_us = to_us(start)

    def now(self) -> datetime:
        return self._start + round(self._loop.time() * 1e6) * MICROSECOND

    def now_us(self) -> int:
        return self._start_us + round(self._loop.time() * 1e6)

    def at(self, hours: float) -> datetime:
        """The instant so many hours after the start."""
        return self._start + timedelta(hours=hours)
