"""The small JSON messages beside the packs: status, acknowledgement, programme and command."""

from collections.abc import Sequence
from typing import Literal, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from ondijon.drivers.mqtt.protocol.senml import Record
from ondijon.kernel.errors import LocalProtocolError, RemoteProtocolError

BIGGEST_PAYLOAD_BYTES = 256 * 1024


class Status(Struct):
    """A gateway came or went; its last will has no `at`."""

    online: bool
    boot: int | None = None
    at: float | None = None


class CommandAck(Struct):
    """A gateway's word on a command; no `n` means every target of that message."""

    id: UUID
    status: Literal["accepted", "refused", "expired"]
    reason: str = ""
    n: tuple[str, ...] | None = None
    at: float | None = None


class StoredVersion(Struct):
    """Which programme a gateway has stored."""

    version: int
    at: float | None = None


class CommandPack(Struct):
    """The wanted states of some devices of one gateway, worthless after `exp`."""

    id: UUID
    exp: float
    pack: Sequence[Record]


class ProgrammePack(Struct):
    """A programme to store, its content in the trade's own words."""

    version: int
    content: dict[str, object]


Message = TypeVar("Message", Status, CommandAck, StoredVersion, CommandPack, ProgrammePack)


def decode_message(payload: bytes, kind: type[Message]) -> Message:
    """Decode one message; raises RemoteProtocolError when it is not of that kind."""
    try:
        return msgspec.json.decode(payload, type=kind)
    except (ValueError, RecursionError) as error:
        raise RemoteProtocolError("error.malformed_message", detail=str(error)) from error


def encode_message(message: CommandPack | ProgrammePack) -> bytes:
    """Encode one message; raises LocalProtocolError when it is bigger than a gateway must take."""
    payload = msgspec.json.encode(message)
    if len(payload) > BIGGEST_PAYLOAD_BYTES:
        raise LocalProtocolError("error.message_too_big", size=len(payload))
    return payload
