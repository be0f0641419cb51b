"""Topics of the address space: `ondijon/1/up/{gateway}/...` and `ondijon/1/down/{gateway}/...`."""

import re
from typing import Literal, NamedTuple

from ondijon.kernel.errors import LocalProtocolError, RemoteProtocolError

ALL_UP = "ondijon/1/up/#"
UpKind = Literal["telemetry", "telemetry/cbor", "status", "ack", "programme"]
DownKind = Literal["command", "command/cbor", "programme"]
UP_KINDS: tuple[UpKind, ...] = ("telemetry", "telemetry/cbor", "status", "ack", "programme")
_UP = re.compile(r"ondijon/1/up/([A-Za-z0-9_-]{1,64})/(telemetry|telemetry/cbor|status|ack|programme)")
_GATEWAY = re.compile(r"[A-Za-z0-9_-]{1,64}")


class UpTopic(NamedTuple):
    """Who speaks, and what about."""

    gateway: str
    kind: UpKind


def parse_up(topic: str) -> UpTopic:
    """Split an upward topic; raises RemoteProtocolError when it is none."""
    match = _UP.fullmatch(topic)
    if match is None:
        raise RemoteProtocolError("error.bad_topic", topic=topic)
    kind: UpKind = match[2]  # type: ignore[assignment]  # the expression allows exactly these words
    return UpTopic(match[1], kind)


def up(gateway: str, kind: UpKind) -> str:
    """The topic a gateway publishes on; raises LocalProtocolError when it cannot be a gateway."""
    return f"ondijon/1/up/{_checked(gateway)}/{kind}"


def down(gateway: str, kind: DownKind) -> str:
    """The topic a gateway listens to; raises LocalProtocolError when it cannot be a gateway."""
    return f"ondijon/1/down/{_checked(gateway)}/{kind}"


def _checked(gateway: str) -> str:
    if _GATEWAY.fullmatch(gateway) is None:
        raise LocalProtocolError("error.bad_gateway", gateway=gateway)
    return gateway
