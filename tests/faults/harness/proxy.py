"""A line between two ports that can be slow, cut, or silent without either end being told."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

CHUNK = 65_536
START_LIMIT_S = 5.0


class ChaosProxy:
    """Listens on a port of its own on loopback and passes on to `target`, until told otherwise."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._lines: set[asyncio.Task[None]] = set()
        self._is_cut = False
        self._is_silent = False
        self._delay_s = 0.0
        self.port = 0
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._ask(self._listen())

    def close(self) -> None:
        self.cut()
        self._ask(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self) -> None:
        """Close every line and refuse new ones."""
        self._is_cut = True
        self._ask(self._drop_lines())

    def silence(self) -> None:
        """From now on nothing arrives, either way, and nobody is told; such a line stays dead for good."""
        self._is_silent = True

    def delay(self, seconds: float) -> None:
        """Everything takes so much longer, each way."""
        self._delay_s = seconds

    def heal(self) -> None:
        """Lines opened from now on are good; those that fell silent are not."""
        self._is_cut = self._is_silent = False
        self._delay_s = 0.0

    def _ask(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(START_LIMIT_S)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _leave(self) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _drop_lines(self) -> None:
        for line in self._lines:
            line.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def _serve(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        line = asyncio.current_task()
        assert line is not None
        if self._is_cut:
            near_out.close()
            return
        self._lines.add(line)
        try:
            far, far_out = await asyncio.open_connection(*self._target)
            try:
                await self._join(near, near_out, far, far_out)
            finally:
                far_out.transport.abort()
        except (OSError, asyncio.CancelledError):
            # Cut, or an end that left: the other end is told by the closing below.
            pass
        finally:
            self._lines.discard(line)
            near_out.transport.abort()

    async def _join(
        self,
        near: asyncio.StreamReader,
        near_out: asyncio.StreamWriter,
        far: asyncio.StreamReader,
        far_out: asyncio.StreamWriter,
    ) -> None:
        """Pass on both ways until one end leaves."""
        ways = [asyncio.create_task(self._pass_on(near, far_out)), asyncio.create_task(self._pass_on(far, near_out))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_dead = False
        while chunk := await reader.read(CHUNK):
            is_dead |= self._is_silent
            if is_dead:
                continue
            if self._delay_s:
                await asyncio.sleep(self._delay_s)
            writer.write(chunk)
            await writer.drain()
