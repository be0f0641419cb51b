"""What a gateway understands of a command before anything moves."""

from collections.abc import Collection
from dataclasses import dataclass, field

import msgspec
from msgspec import Struct

from ondijon.kernel.errors import RemoteProtocolError
from ondijon.simulator.field.senml import Record, Resolved, pack_from_plain, plain_cbor, resolve

RELEASE = float("nan")
HOLD_AS_IS = -1.0


class Command(Struct, frozen=True):
    """A command as it arrived; `expires_s` is in epoch seconds."""

    id: str
    expires_s: float
    pack: list[Record]


class _Envelope(Struct, frozen=True):
    id: str
    exp: float
    pack: list[object]


@dataclass(slots=True)
class Understood:
    """Wanted level by device (NaN = release, -1 = hold the present one) and refused devices by reason."""

    levels: dict[str, float] = field(default_factory=dict)
    refused: dict[str, list[str]] = field(default_factory=dict)


def read_command(payload: bytes, *, cbor: bool) -> Command:
    """Raises RemoteProtocolError when it is no command."""
    try:
        plain = plain_cbor(payload) if cbor else msgspec.json.decode(payload)
        envelope = msgspec.convert(plain, _Envelope)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as fault:
        raise RemoteProtocolError("simulator.bad_command", reason=str(fault)) from fault
    return Command(envelope.id, envelope.exp, pack_from_plain(envelope.pack, cbor=cbor))


def understand(command: Command, own_devices: Collection[str], now_s: float) -> Understood:
    """Sort the wanted states by device, later records over earlier ones; raises RemoteProtocolError."""
    understood = Understood()
    for record in resolve(command.pack, now_s):
        device, _, word = record.name.rpartition("/")
        reason = _take(understood.levels, device, word, record) if device in own_devices else "unknown_device"
        if reason is not None:
            refused = understood.refused.setdefault(reason, [])
            if device not in refused:
                refused.append(device)
    for devices in understood.refused.values():
        for device in devices:
            understood.levels.pop(device, None)
    return understood


def _take(levels: dict[str, float], device: str, word: str, record: Resolved) -> str | None:
    """Note one wanted state; returns why it cannot be taken."""
    value = record.value
    if word == "level":
        if isinstance(value, bool) or not isinstance(value, float) or not 0.0 <= value <= 1.0:
            return "bad_value"
        levels[device] = value
        return None
    if word != "control":
        return "unknown_property"
    if value == "programme":
        levels[device] = RELEASE
    elif value == "manual":
        if not levels.get(device, RELEASE) >= 0.0:
            levels[device] = HOLD_AS_IS
    else:
        return "bad_value"
    return None
