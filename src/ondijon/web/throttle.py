"""Slows down guessing: so many tries for one name from one address, so many from one address at all."""

from collections.abc import Callable

from ondijon.web.errors import TooOften

TRIES_BY_PAIR = 6
TRIES_BY_ADDRESS = 60
_WINDOW_S = 300.0
_MOST_KEYS = 10_000


class Throttle:
    """Counts tries over a sliding window, and takes back those that succeed; `monotonic` gives seconds."""

    def __init__(self, monotonic: Callable[[], float], by_pair: int = TRIES_BY_PAIR) -> None:
        self._monotonic = monotonic
        self._by_pair = by_pair
        self._tries: dict[tuple[str | None, str], list[float]] = {}

    def count_try(self, username: str, address: str) -> None:
        """Count a try before it is judged, so that many at once do not slip through; raises TooOften."""
        if len(self._tries) >= _MOST_KEYS:
            self._forget_old()
        keys: tuple[tuple[tuple[str | None, str], int], ...] = (
            ((username, address), self._by_pair),
            ((None, address), TRIES_BY_ADDRESS),
        )
        for key, most in keys:
            recent = self._recent(key)
            if len(recent) >= most:
                wait_s = recent[-most] + _WINDOW_S - self._monotonic()
                raise TooOften("error.too_often", retry_s=max(1, round(wait_s)))
        for key, _ in keys:
            self._tries.setdefault(key, []).append(self._monotonic())

    def forgive(self, username: str, address: str) -> None:
        """The last try succeeded: the name starts afresh, the address gets its try back."""
        self._tries.pop((username, address), None)
        of_address = self._tries.get((None, address))
        if of_address:
            of_address.pop()

    def _recent(self, key: tuple[str | None, str]) -> list[float]:
        since = self._monotonic() - _WINDOW_S
        recent = [at for at in self._tries.get(key, ()) if at > since]
        if recent:
            self._tries[key] = recent
        else:
            self._tries.pop(key, None)
        return recent

    def _forget_old(self) -> None:
        for key in list(self._tries):
            self._recent(key)
        # Still full: a wide attack; the oldest half goes, so that memory stays bounded.
        for key in list(self._tries)[: max(0, len(self._tries) - _MOST_KEYS // 2)]:
            del self._tries[key]
