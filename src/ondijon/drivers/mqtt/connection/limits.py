"""Where the broker is, how much the driver takes at once, and what it has counted."""

from datetime import datetime
from ssl import SSLContext

from msgspec import Struct


class Broker(Struct, frozen=True):
    """An MQTT 3.1.1 broker and the identity of our persistent session there.

    keepalive_s: a line that died without a word is given up after twice as long at the latest. What a gateway sends in
    that time must lie within the window of the sequence ledger, or a redelivery would be taken in twice.
    others: further nodes of the same cluster, tried in turn when one is away.
    """

    host: str
    port: int
    client_id: str
    username: str | None = None
    password: str | None = None
    tls: SSLContext | None = None
    keepalive_s: int = 5
    others: tuple[tuple[str, int], ...] = ()


class IngestLimits(Struct, frozen=True):
    """A chunk is mapped at once and committed in one transaction: about 20,000 readings in packs.

    messages_a_gateway: what one gateway may have in one chunk. Everything that can be committed and not yet
    acknowledged (chunks under way, PUBACKs that die with us) must lie within the window of the sequence ledger,
    or the broker's redelivery after a kill would be taken in twice.
    behind_messages: from so many waiting on, copies of what is said now go past the line (early.py).
    held_*: what may wait unacknowledged in memory before we stop reading; the broker holds the rest.
    """

    chunk_messages: int = 512
    chunk_bytes: int = 800_000
    messages_a_gateway: int = 16
    held_messages: int = 40_000
    behind_messages: int = 4_000
    held_bytes: int = 96 * 1024 * 1024
    longest_linger_s: float = 0.03
    send_timeout_s: float = 5.0
    shortest_back_off_s: float = 0.1
    longest_back_off_s: float = 5.0


class Counters(Struct):
    """Since the start of this process; `gaps` are packs missing by sequence number, of the whole city.

    connected: the broker has our subscriptions, so what the field sends from now on is kept for us.
    """

    messages: int = 0
    readings: int = 0
    bytes: int = 0
    duplicates: int = 0
    gaps: int = 0
    dead_letters: int = 0
    redelivered: int = 0
    sink_failures: int = 0
    connections: int = 0
    connected: bool = False
    held_messages: int = 0
    held_bytes: int = 0
    last_at: datetime | None = None


class BackOff:
    """Doubling waits between a shortest and a longest."""

    def __init__(self, limits: IngestLimits) -> None:
        self._limits = limits
        self._next_s = limits.shortest_back_off_s

    def reset(self) -> None:
        """It worked: the next wait is short again."""
        self._next_s = self._limits.shortest_back_off_s

    def next_s(self) -> float:
        """How long to wait now."""
        wait_s = self._next_s
        self._next_s = min(2 * wait_s, self._limits.longest_back_off_s)
        return wait_s
