"""What the broker refuses is read from its log lines: a forbidden publish is acknowledged and dropped in silence."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ondijon.kernel.clock import Clock

PUBLISH = "publish"
SUBSCRIBE = "subscribe"
SIGN_IN = "sign_in"


@dataclass(frozen=True)
class Refusal:
    """One refused act; `topic` is as MQTT writes it, or empty for a sign-in.

    kind: publish, subscribe, sign_in (one of the post's own users), or from the auth callout
    unknown_gateway, wrong_secret, foreign_client_id.
    """

    gateway: str
    kind: str
    topic: str
    at: datetime


OnRefusal = Callable[[Refusal], None]

# The server quotes names with escapes, so a client id cannot forge the end of its own quotes.
_VIOLATION = re.compile(
    r'\[\d+\] \[ERR\] \S+ - mid:\d+ - "([A-Za-z0-9_-]{1,64})" - (Publish|Subscription) Violation - Subject "(.*?)"'
)
_OWN_SIGN_IN = re.compile(r'\[\d+\] \[ERR\] .*" - authentication error - User "(post\.[a-z]+)"$')
_KINDS = {"Publish": PUBLISH, "Subscription": SUBSCRIBE}
_REPEAT_S = 1.0
_REMEMBERED = 10_000


class RefusalReader:
    """Turns log lines into refusals; a device that repeats itself is told once a second."""

    def __init__(self, clock: Clock, on_refusal: OnRefusal) -> None:
        self._clock = clock
        self._on_refusal = on_refusal
        self._told: dict[tuple[str, str, str], datetime] = {}

    def read(self, line: str) -> bool:
        """Tell the refusal that the line holds; returns whether it held one."""
        if (match := _VIOLATION.match(line)) is not None:
            self._tell(match[1], _KINDS[match[2]], _topic(match[3]))
        elif (match := _OWN_SIGN_IN.match(line)) is not None:
            self._tell(match[1], SIGN_IN, "")
        else:
            return False
        return True

    def _tell(self, gateway: str, kind: str, topic: str) -> None:
        now = self._clock.now()
        last = self._told.get((gateway, kind, topic))
        if last is not None and (now - last).total_seconds() < _REPEAT_S:
            return
        if len(self._told) >= _REMEMBERED:
            self._told.clear()
        self._told[gateway, kind, topic] = now
        self._on_refusal(Refusal(gateway, kind, topic, now))


def _topic(subject: str) -> str:
    """The MQTT topic that the server wrote as a NATS subject."""
    return "/".join({">": "#", "*": "+"}.get(token, token) for token in subject.split("."))
