"""An inventory is what a metropolis consists of before anything moves: communes, streets, addresses, objects."""

from typing import Literal

from msgspec import Struct

Position = tuple[float, float]  # lon, lat in WGS 84 degrees
Ring = list[Position]
StreetClass = Literal["motorway", "primary", "secondary", "tertiary", "residential", "pedestrian", "path"]
LandscapeKind = Literal["water", "river", "wood", "built", "tram", "rail"]
AttributeValue = str | float | int | bool | None


class Commune(Struct, frozen=True):
    """A commune, co-owner of the room; `boundary` is a multipolygon (polygons of rings, outer ring first)."""

    insee: str
    name: str
    population: int
    area_km2: float
    center: Position
    boundary: list[list[Ring]]


class Street(Struct, frozen=True):
    """One arc of the street network; arcs of one street share name and commune.

    vehicles_per_day: average daily traffic of all directions together, in the year of its newest count.
    """

    street_id: str
    name: str
    commune: str
    street_class: StreetClass
    line: list[Position]
    one_way: bool = False
    vehicles_per_day: int | None = None
    counted_year: int | None = None


class Address(Struct, frozen=True):
    """A house number on a street (0 where the street gave none), such as `12` or `12 bis`.

    street: the street's own name where it has no arc; street_id is then the nearest arc of any street.
    """

    street_id: str
    number: str
    position: Position
    street: str | None = None


class Crossing(Struct, frozen=True):
    """A pedestrian crossing of one arc."""

    street_id: str
    commune: str
    position: Position


class Landscape(Struct, frozen=True):
    """A background shape of the map: polygons of rings for areas, lines for rivers, trams and rails."""

    kind: LandscapeKind
    name: str
    polygons: list[list[Ring]] = []
    lines: list[list[Position]] = []


class TwinRecord(Struct, frozen=True):
    """One real object; `gateway` speaks for it under the name `device`, `part_of` is its parent's URN."""

    id: str
    type: str
    commune: str
    name: str
    position: Position
    street_id: str | None = None
    part_of: str | None = None
    gateway: str | None = None
    device: str | None = None
    attributes: dict[str, AttributeValue] = {}


class Inventory(Struct, frozen=True):
    """Everything imported or generated for one city in one go."""

    city: str
    communes: list[Commune]
    streets: list[Street]
    addresses: list[Address]
    landscape: list[Landscape]
    twins: list[TwinRecord]
    crossings: list[Crossing] = []
