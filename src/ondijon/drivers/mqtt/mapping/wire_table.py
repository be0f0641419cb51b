"""The city's wire names: what each gateway may say, and which twin, row and property that is."""

from typing import NamedTuple

import numpy as np

from ondijon.drivers.mqtt.protocol import topics
from ondijon.drivers.mqtt.protocol.topics import UpTopic
from ondijon.kernel.arrays import Bools, Floats, Ints16
from ondijon.kernel.city import City
from ondijon.kernel.errors import Refused
from ondijon.kernel.manifest import PropertySpec

UNKNOWN = -1
ROW_BITS = 32
STATUS_NAME = "online"
PROGRAMME_NAME = "programme_version"


class WireProperty(NamedTuple):
    """One property of one twin type as the wire knows it."""

    twin_type: str
    type_code: int
    place: int
    spec: PropertySpec
    choice_of: dict[str, int]


class GatewayTable:
    """What one gateway may say: `{device}/{wire name}` -> property number << 32 | row."""

    __slots__ = ("code_of", "gateway", "number", "place_of")

    def __init__(self, gateway: str, number: int) -> None:
        self.gateway = gateway
        self.number = number
        self.code_of: dict[str, int] = {}
        self.place_of: dict[str, tuple[str, int]] = {}


class Channel(NamedTuple):
    """One topic of one known gateway."""

    topic: UpTopic
    table: GatewayTable


class WireTable:
    """All gateways of the city, and the properties that the wire knows, as columns by property number."""

    def __init__(self, city: City) -> None:
        self.properties: list[WireProperty] = []
        self.types = tuple(city.twins)
        numbers = {key: self._number_properties(city, key) for key in self.types}
        found: dict[str, GatewayTable] = {}
        for key in self.types:
            for row, record in enumerate(city.twins[key].records):
                if record.gateway is None or record.device is None:
                    continue
                table = found.get(record.gateway)
                if table is None:
                    table = found[record.gateway] = GatewayTable(record.gateway, len(found))
                _admit(table, record.device, key, row, numbers[key])
        self.gateways = tuple(found)
        self.tables = tuple(found.values())
        self.channels = {
            topics.up(gateway, kind): Channel(UpTopic(gateway, kind), table)
            for gateway, table in found.items()
            for kind in topics.UP_KINDS
        }
        self.type_code: Ints16 = np.array([each.type_code for each in self.properties], np.int16)
        self.place: Ints16 = np.array([each.place for each in self.properties], np.int16)
        self.scale: Floats = np.array([each.spec.wire_scale for each in self.properties], np.float64)
        self.is_number: Bools = np.array([each.spec.kind == "number" for each in self.properties], np.bool_)

    def _number_properties(self, city: City, twin_type: str) -> dict[str, int]:
        """Number the properties of one type; returns wire name -> property number."""
        numbers: dict[str, int] = {}
        for index, spec in enumerate(city.types[twin_type].properties):
            if spec.wire_name is None:
                continue
            numbers[spec.wire_name] = len(self.properties)
            choice_of = {word: place for place, word in enumerate(spec.choices)}
            self.properties.append(WireProperty(twin_type, self.types.index(twin_type), index, spec, choice_of))
        return numbers


def _admit(table: GatewayTable, device: str, twin_type: str, row: int, numbers: dict[str, int]) -> None:
    if device in table.place_of:
        raise Refused("error.device_twice", gateway=table.gateway, device=device)
    table.place_of[device] = (twin_type, row)
    for wire_name, number in numbers.items():
        table.code_of[f"{device}/{wire_name}"] = number << ROW_BITS | row
