"""How long requests took, by the template of their route: no address, no person and no id of a thing is kept."""

import time
from bisect import bisect_left
from typing import NamedTuple

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from msgspec import Struct

# Upper bounds in seconds: a glance (50 ms), the room's promise for a list (300 ms), the database's patience (10 s).
BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0)


class Key(NamedTuple):
    """What requests are counted by."""

    method: str
    route: str
    status: int


class Times(Struct):
    """How many requests took up to each bound and not up to the one before (the last place: longer), and their sum."""

    counts: list[int]
    sum_s: float = 0.0


class RequestTimes:
    """A count for each route; routes are a closed list, so this is bounded."""

    def __init__(self) -> None:
        self.by_key: dict[Key, Times] = {}

    def note(self, key: Key, took_s: float) -> None:
        """Count one request that began to be answered after `took_s`."""
        times = self.by_key.setdefault(key, Times([0] * (len(BOUNDS_S) + 1)))
        times.counts[bisect_left(BOUNDS_S, took_s)] += 1
        times.sum_s += took_s

    def watch(self, app: ASGIApp) -> ASGIApp:
        """The application with a watch on its HTTP requests, until the first byte of the answer."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return
            began_s = time.perf_counter()

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    route = scope.get("path_template") or "unknown"
                    self.note(Key(scope["method"], route, message["status"]), time.perf_counter() - began_s)
                await send(message)

            await app(scope, receive, noting)

        return watched
