"""The typed plan of a city to generate, read from the data files of its folder."""

import tomllib
from pathlib import Path

import numpy as np
from msgspec import Struct, ValidationError, convert

from ondijon.kernel.arrays import Floats
from ondijon.kernel.errors import Refused
from ondijon.kernel.geo import LocalMetres
from ondijon.kernel.inventory import Position, StreetClass


class CommuneFact(Struct, frozen=True):
    """What is really known of a commune."""

    insee: str
    name: str
    population: int
    area_km2: float
    center: Position


class Gate(Struct, frozen=True):
    """A gate of the historic centre; `name` is the boulevard to the next one."""

    name: str
    at: Position


class GateStreet(Struct, frozen=True):
    """An old main street between two gates, by their number."""

    name: str
    start: int
    end: int


class OldTown(Struct, frozen=True):
    """The historic centre."""

    heart: Position
    gates: list[Gate]
    main_streets: list[GateStreet]


class Corridor(Struct, frozen=True):
    """A road, river, or railway that shapes the city."""

    name: str
    line: list[Position]
    street_class: StreetClass = "secondary"
    width_m: float = 10.0
    smooth: bool = True


class Lake(Struct, frozen=True):
    """A body of water."""

    name: str
    ring: list[Position]


class Tram(Struct, frozen=True):
    """A tram line, through these places along the streets."""

    name: str
    stops: list[Position]


class Wood(Struct, frozen=True):
    """A wood or park, roughly an ellipse; the bearing turns its long axis from the east, anticlockwise."""

    name: str
    at: Position
    axes_m: tuple[float, float]
    bearing_deg: float


class Estate(Struct, frozen=True):
    """A place whose fabric is of another kind."""

    name: str
    style: str
    at: Position
    radius_m: float


class StreetNames(Struct, frozen=True):
    """The words of generated street names."""

    kinds_by_class: dict[str, list[str]]
    dead_end_kinds: list[str]
    old_town: list[str]
    specifics: list[str]
    field_specifics: list[str]


class Lobe(Struct, frozen=True):
    """A place towards which a commune stretches, beside its centre."""

    commune: str
    at: Position


class Skeleton(Struct, frozen=True):
    """The corridors and places between which the rest is generated."""

    old_town: OldTown
    roads: list[Corridor]
    rivers: list[Corridor]
    lakes: list[Lake]
    rails: list[Corridor]
    trams: list[Tram]
    woods: list[Wood]
    estates: list[Estate]
    lobes: list[Lobe]


class CityPlan(Struct, frozen=True):
    """Everything the generator is told about one city."""

    key: str
    frame: LocalMetres
    communes: list[CommuneFact]
    skeleton: Skeleton
    names: StreetNames

    def metres(self, positions: list[Position]) -> Floats:
        """Positions in the plan's metric frame."""
        return self.frame.to_metres(np.array(positions, dtype=np.float64).reshape(-1, 2))


def read_plan(city_folder: Path) -> CityPlan:
    """Read communes.toml, city.toml, plan.toml and street_names.toml; raises Refused when one does not fit."""
    try:
        tables = {
            stem: tomllib.loads((city_folder / f"{stem}.toml").read_text(encoding="utf-8"))
            for stem in ("city", "communes", "plan", "street_names")
        }
        lon, lat = tables["city"]["center"]
        return CityPlan(
            key=tables["city"]["key"],
            frame=LocalMetres(lon, lat),
            communes=convert(tables["communes"]["communes"], list[CommuneFact]),
            skeleton=convert(tables["plan"], Skeleton),
            names=convert(tables["street_names"], StreetNames),
        )
    except (OSError, KeyError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise Refused("error.bad_city_plan", folder=city_folder.name, reason=str(error)) from error
