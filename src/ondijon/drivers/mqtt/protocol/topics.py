"""Topics of the address space: `ondijon/1/up/{gateway}/...` and `ondijon/1/down/{gateway}/...`."""

import re
from typing import Literal, NamedTuple

from ondijon.kernel.errors import LocalProtocolError, RemoteProtocolError

ALL_UP = "ondijon/1/up/#"
ALL_SHARES = "ondijon/1/share/#"
# Where several gateway roles share the field, the broker puts a message under the part that its gateway is in;
# a last will it leaves where it was.
_SHARE = re.compile(r"ondijon/1/share/(\d+)/(.+)")
_WILLS = "ondijon/1/up/+/status"
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


def filters_of_share(number: int) -> tuple[str, ...]:
    """What a session subscribes to that reads one part of the field."""
    return (f"ondijon/1/share/{number}/#", _WILLS)


def without_share(topic: str) -> tuple[str, bool]:
    """The upward topic of a message as its gateway sent it, and whether it came by way of a part."""
    match = _SHARE.fullmatch(topic)
    return (topic, False) if match is None else (f"ondijon/1/up/{match[2]}", True)


def gateway_of(topic: str) -> str:
    """What stands in the gateway's place of an upward topic, whatever the rest."""
    parts = topic.split("/", 4)
    return parts[3] if len(parts) > 3 else ""


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
