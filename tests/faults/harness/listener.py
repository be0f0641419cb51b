"""A console that listens all the time, comes back when it is cut off, and notes when it saw what."""

import asyncio
import json
import threading
import time
from collections.abc import Sequence

import numpy as np

from ondijon.testing.websocket_client import SocketClient, SocketClosed
from ondijon.web.frames import decode_frame
from tests.faults.harness.aside import Aside
from tests.faults.harness.injector import PCT_A_NUMBER
from tests.faults.running_post import Desk, RunningPost
from tests.faults.town import own_light_urn

WATCHED, PROPERTY = "Streetlight", "level_pct"
AGAIN_S = 0.1


class Listener:
    """For each stream's light: the pack numbers that were on screen, and since when (time.time())."""

    def __init__(self, post: RunningPost, numbers: Sequence[int]) -> None:
        # Its own: those of the post are closed when it ends, and this one goes on.
        self._desk = claire = Desk(post.origin)
        claire.sign_in("claire", post.password("claire"))
        self._place, self._origin = (post.host, post.port), post.origin
        types = [one for trade in claire.get("/api/bootstrap")["trades"] for one in trade["twin_types"]]
        self._type_index = next(place for place, one in enumerate(types) if one["key"] == WATCHED)
        properties = [one["key"] for one in types[self._type_index]["properties"]]
        self._property_index = properties.index(PROPERTY)
        table = claire.get(f"/api/twins/{WATCHED}/table")
        row_of = dict(zip(table["id"], table["row"], strict=True))
        self._stream_of = {row_of[own_light_urn(number, 0)]: number for number in numbers}
        self._rows = np.array(sorted(self._stream_of), np.uint32)
        self.seen: dict[int, list[tuple[float, int]]] = {number: [] for number in numbers}
        self._aside = Aside("listener", lambda stop: asyncio.run(self._run(stop)))

    def start(self) -> None:
        self._aside.start()

    def stop(self) -> None:
        self._aside.stop()
        self._desk.close()

    def newest(self, number: int) -> int:
        """The pack on screen now."""
        seen = self.seen[number]
        return seen[-1][1] if seen else 0

    def delays_s(self, number: int, packs: Sequence[tuple[int, float]]) -> list[float]:
        """For (pack, when it left): seconds until it, or a newer one, was on screen."""
        seen = self.seen[number]
        numbers = np.maximum.accumulate(np.array([shown for _, shown in seen] or [0], np.int64))
        instants = [at_s for at_s, _ in seen]
        places = np.searchsorted(numbers, np.array([pack for pack, _ in packs], np.int64))
        found = zip(packs, places.tolist(), strict=True)
        return [instants[place] - left_s for (_, left_s), place in found if place < len(instants)]

    async def _run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                socket = await SocketClient.open(*self._place, "/api/live", self._headers())
            except (OSError, SocketClosed, asyncio.IncompleteReadError):
                await asyncio.sleep(AGAIN_S)
                # A session that nobody touched for long has locked itself: asking as a person does opens it again.
                await asyncio.to_thread(self._desk.try_get, "/api/bootstrap")
                continue
            try:
                await socket.send_text(json.dumps({"watch": {"types": [WATCHED], "twin": None}}))
                while not stop.is_set():
                    self._note(await asyncio.wait_for(socket.receive(), 5.0))
            except (OSError, SocketClosed, TimeoutError, asyncio.IncompleteReadError):
                pass
            finally:
                socket.abort()
                await asyncio.sleep(0)

    def _headers(self) -> dict[str, str]:
        return {"Cookie": self._desk.cookie, "Origin": self._origin}

    def _note(self, message: str | bytes) -> None:
        if isinstance(message, str):
            return
        head, part = decode_frame(message)
        if (head.type_index, head.property_index) != (self._type_index, self._property_index):
            return
        now_s = time.time()
        for place in np.flatnonzero(np.isin(part.row, self._rows)):
            if not np.isnan(part.value[place]):
                number = round(float(part.value[place]) / PCT_A_NUMBER)
                self.seen[self._stream_of[int(part.row[place])]].append((now_s, number))
