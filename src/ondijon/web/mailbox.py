"""A mailbox holds what one client has still to be sent: one round of frames at most, and a bounded number of texts."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

MOST_TEXTS = 2_000
Send = Callable[[str | bytes], Awaitable[None]]


class Mailbox:
    """Filled by the hub, emptied by the client's own task at the client's own pace."""

    def __init__(self) -> None:
        self._waiting: deque[str | bytes] = deque()
        self._texts = 0
        self._is_sending = False
        self._filled = asyncio.Event()

    @property
    def is_clear(self) -> bool:
        """Whether the client has taken everything so far."""
        return not self._waiting and not self._is_sending

    @property
    def is_full(self) -> bool:
        """Whether more texts wait than a client that lives would let wait."""
        return self._texts > MOST_TEXTS

    def put_text(self, text: str) -> None:
        self._texts += 1
        self._waiting.append(text)
        self._filled.set()

    def put_frames(self, frames: Iterable[bytes]) -> None:
        self._waiting.extend(frames)
        self._filled.set()

    def drop_frames(self) -> None:
        """Forget the frames that wait: the client will get full ones."""
        self._waiting = deque(item for item in self._waiting if isinstance(item, str))

    async def send_all(self, send: Send) -> None:
        """Send what comes, in order, until cancelled or `send` fails."""
        while True:
            while self._waiting:
                item = self._waiting.popleft()
                self._texts -= isinstance(item, str)
                self._is_sending = True
                try:
                    await send(item)
                finally:
                    self._is_sending = False
            self._filled.clear()
            await self._filled.wait()

    def take_all(self) -> list[str | bytes]:
        """Everything that waits, at once."""
        taken = list(self._waiting)
        self._waiting.clear()
        self._texts = 0
        return taken
