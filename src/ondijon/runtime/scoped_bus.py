"""A bus for a part of a process's life: when that is over, its subscriptions hear nothing more."""

from ondijon.kernel.ports import Bus, Handler


class ScopedBus:
    """The Bus port over another one; after `close` it can be subscribed to anew."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._handlers: dict[int, Handler] = {}
        self._made = 0

    def close(self) -> None:
        """Let go of every handler."""
        self._handlers.clear()

    async def publish(self, subject: str, payload: bytes) -> None:
        await self._bus.publish(subject, payload)

    async def subscribe(self, subject: str, handler: Handler) -> None:
        number = self._made = self._made + 1
        self._handlers[number] = handler

        async def hear(heard: str, payload: bytes) -> None:
            known = self._handlers.get(number)
            if known is not None:
                await known(heard, payload)

        await self._bus.subscribe(subject, hear)
