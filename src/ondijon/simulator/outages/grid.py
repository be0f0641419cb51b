"""The electrical and the radio grid of a city as its twins declare them, read apart from the post's own topology."""

from collections import defaultdict
from collections.abc import Hashable

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Floats
from ondijon.kernel.city import City
from ondijon.kernel.inventory import AttributeValue

Attributes = dict[str, AttributeValue]
LIGHT, CABINET = "Streetlight", "StreetlightControlCabinet"


class Cabinet(Struct, frozen=True):
    """A cabinet: its twin, its lights, and which of them hang on which circuit and phase (twin numbers)."""

    urn: str
    twin_no: int
    lights: list[int]
    circuits: dict[str, list[int]]
    phases: dict[str, list[int]]


class Grid(Struct, frozen=True, eq=False):
    """All cabinets, who is near whom, and the trunks by name (places in `cabinets`)."""

    cabinets: list[Cabinet]
    places: Floats
    feeders: dict[str, list[int]]
    uplinks: dict[str, list[int]]

    def neighbours(self, cabinet: int, count: int) -> list[int]:
        """The nearest other cabinets."""
        away = self.places - self.places[cabinet]
        nearest: list[int] = np.argsort((away * away).sum(axis=1), kind="stable")[1 : count + 1].tolist()
        return nearest


def read_grid(city: City) -> Grid:
    """The grid that the attributes circuit, phase, grid_feeder and uplink declare."""
    lights, cabinets = city.twins[LIGHT], city.twins[CABINET]
    of_cabinet: dict[str, list[tuple[int, Attributes]]] = defaultdict(list)
    for record, twin_no in zip(lights.records, lights.twin_no.tolist(), strict=True):
        of_cabinet[record.part_of or ""].append((twin_no, record.attributes))
    found = [
        Cabinet(
            record.id,
            twin_no,
            [light for light, _ in of_cabinet[record.id]],
            _by(of_cabinet[record.id], "circuit"),
            _by(of_cabinet[record.id], "phase"),
        )
        for record, twin_no in zip(cabinets.records, cabinets.twin_no.tolist(), strict=True)
    ]
    placed = [(place, record.attributes) for place, record in enumerate(cabinets.records)]
    places = np.column_stack((cabinets.lon * np.cos(np.radians(cabinets.lat)), cabinets.lat))
    return Grid(found, places, _by(placed, "grid_feeder"), _by(placed, "uplink"))


def _by(items: list[tuple[int, Attributes]], attribute: str) -> dict[str, list[int]]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for item, attributes in items:
        if attributes.get(attribute) is not None:
            groups[attributes[attribute]].append(item)
    return {str(key): members for key, members in groups.items()}
