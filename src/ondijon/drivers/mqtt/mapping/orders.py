"""Orders become command packs: the post's properties and units become wire names and wire units."""

import math
from collections.abc import Sequence

from ondijon.drivers.mqtt.protocol import topics
from ondijon.drivers.mqtt.protocol.messages import CommandPack, ProgrammePack, encode_message
from ondijon.drivers.mqtt.protocol.senml import Record
from ondijon.kernel.city import City
from ondijon.kernel.errors import LocalProtocolError
from ondijon.kernel.field import DeviceOrder, FieldOrder, StoredProgramme
from ondijon.kernel.manifest import PropertySpec

_SIGNIFICANT_DIGITS = 12


class OrderMapper:
    """Builds what goes down; returns (topic, payload)."""

    def __init__(self, city: City) -> None:
        self._specs = {(key, spec.key): spec for key, declared in city.types.items() for spec in declared.properties}

    def command(self, order: FieldOrder) -> tuple[str, bytes]:
        """One gateway's command; raises LocalProtocolError when a wanted state cannot be said on the wire."""
        pack = CommandPack(order.command_id, order.expires_at.timestamp(), self._pack(order.devices))
        return topics.down(order.gateway, "command"), encode_message(pack)

    def programme(self, programme: StoredProgramme) -> tuple[str, bytes]:
        """One gateway's programme; raises LocalProtocolError when it is too big."""
        pack = ProgrammePack(programme.version, programme.content)
        return topics.down(programme.gateway, "programme"), encode_message(pack)

    def _pack(self, devices: Sequence[DeviceOrder]) -> list[Record]:
        """Devices with one wish go first under their full name, then the others share a base name each."""
        single = [device for device in devices if len(device.wanted) == 1]
        several = [device for device in devices if len(device.wanted) > 1]
        records: list[Record] = []
        for device in single:
            for key, value in device.wanted.items():
                record = self._record(device.twin_type, key, value)
                record.n = f"{device.device}/{record.n}"
                records.append(record)
        for device in several:
            own = [self._record(device.twin_type, key, value) for key, value in device.wanted.items()]
            own[0].bn = f"{device.device}/"
            records += own
        return records

    def _record(self, twin_type: str, key: str, value: float) -> Record:
        spec = self._specs.get((twin_type, key))
        if spec is None or spec.wire_name is None:
            raise LocalProtocolError("error.not_on_the_wire", type=twin_type, property=key)
        if not math.isfinite(value):
            raise LocalProtocolError("error.not_finite", type=twin_type, property=key)
        if spec.kind == "number":
            return Record(n=spec.wire_name, v=_wire_number(value / spec.wire_scale))
        if spec.kind == "boolean":
            return Record(n=spec.wire_name, vb=bool(value))
        return Record(n=spec.wire_name, vs=_word(spec, value))


def _wire_number(value: float) -> float:
    """60 % is 0.6 on the wire, not 0.6000000000000001."""
    return float(f"{value:.{_SIGNIFICANT_DIGITS}g}")


def _word(spec: PropertySpec, value: float) -> str:
    place = int(value)
    if place != value or not 0 <= place < len(spec.choices):
        raise LocalProtocolError("error.unknown_choice", property=spec.key, value=value)
    return spec.choices[place]
