"""The link to the gateway: live while it is heard, lost after three seconds of silence."""

from collections.abc import Callable

from ondijon.kernel.clock import Clock
from ondijon.web.live_client import message
from ondijon.web.roles import SILENT_AFTER_S, Heartbeat

# A gateway beats each second: a longer pause means that something, perhaps readings too, was not heard.
_PAUSE_S = 2.0


class GatewayLink:
    """Tells whether what the screens show is still fed."""

    def __init__(self, clock: Clock, monotonic: Callable[[], float]) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._heard_at: float | None = None
        self._beats: dict[str, tuple[int, float]] = {}
        self._is_live = False
        self._since = clock.now()

    def hear(self) -> None:
        """Something came from the gateway."""
        self._heard_at = self._monotonic()

    def hear_heartbeat(self, heartbeat: Heartbeat) -> bool:
        """Take a heartbeat; returns whether something may have been missed, so that all must be asked for again."""
        now_s = self._monotonic()
        pid, beat_at_s = self._beats.get(heartbeat.node, (None, now_s))
        self._beats[heartbeat.node] = (heartbeat.pid, now_s)
        missed = heartbeat.pid != pid or now_s - beat_at_s > _PAUSE_S
        if heartbeat.state == "ready":
            self.hear()
        return missed

    def turn(self) -> bool:
        """Whether the link was lost or found since the last call."""
        is_live = self._heard_at is not None and self._monotonic() - self._heard_at <= SILENT_AFTER_S
        if is_live == self._is_live:
            return False
        self._is_live = is_live
        self._since = self._clock.now()
        return True

    def text(self) -> str:
        """The present state as a live message."""
        return message("link", gateway="live" if self._is_live else "lost", since=self._since)
