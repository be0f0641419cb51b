"""Twin ids are NGSI-LD URNs that carry the INSEE code of their commune."""

import re
from typing import NewType, Protocol
from uuid import UUID

from ondijon.kernel.errors import Refused

TwinId = NewType("TwinId", str)

_LOCAL = re.compile(r"[A-Za-z0-9_-]{1,64}")
_URN = re.compile(r"urn:ngsi-ld:([A-Za-z][A-Za-z0-9]*):([0-9][0-9AB][0-9]{3}):([A-Za-z0-9_-]{1,64})")


class IdSource(Protocol):
    """Gives UUIDv7 ids (RFC 9562): unique, and in order of creation."""

    def new_id(self) -> UUID: ...


def twin_id(twin_type: str, commune: str, local: str) -> TwinId:
    """Build `urn:ngsi-ld:{type}:{INSEE}:{local}`; raises Refused when a part does not fit."""
    urn = f"urn:ngsi-ld:{twin_type}:{commune}:{local}"
    if _URN.fullmatch(urn) is None:
        raise Refused("error.bad_twin_id", id=urn)
    return TwinId(urn)


def parse_twin_id(urn: str) -> tuple[str, str, str]:
    """Split a URN into (type, INSEE code, local part); raises Refused when it is none."""
    match = _URN.fullmatch(urn)
    if match is None:
        raise Refused("error.bad_twin_id", id=urn)
    return match[1], match[2], match[3]


def is_local_id(text: str) -> bool:
    """Tell whether `text` may be a gateway, device or local id (it is safe in MQTT topics and NATS subjects)."""
    return _LOCAL.fullmatch(text) is not None
