"""All lights as arrays, and which of them a programme's scope has."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from msgspec import Struct

from ondijon.domains.lighting.rules.programmes.model import (
    AllLights,
    InPolygon,
    OfClasses,
    OfCommunes,
    OfStreets,
    OfTwins,
    Scope,
)
from ondijon.kernel.arrays import Bools, Floats, Ints16, Ints32

NOWHERE = -1


class Lights(Struct, frozen=True, eq=False):
    """One element a light: place, commune, street and class by number (NOWHERE = none), floor, rated power, cabinet.

    streets: (commune, name) by number; row_of: by URN; device: its name on the wire of its cabinet, by row.
    """

    twin_no: Ints32
    lon: Floats
    lat: Floats
    commune: Ints16
    communes: tuple[str, ...]
    street: Ints32
    streets: tuple[tuple[str, str], ...]
    lighting_class: Ints16
    classes: tuple[str, ...]
    on_crossing: Bools
    floor_pct: Floats
    rated_w: Floats
    cabinet: Ints32
    device: Sequence[str | None]
    row_of: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.twin_no)


def rows_in(scope: Scope, lights: Lights) -> Bools:
    """Which lights a scope has."""
    return _IN[type(scope)](scope, lights)


def _all(scope: AllLights, lights: Lights) -> Bools:
    return np.ones(len(lights), np.bool_)


def of_communes(communes: Sequence[str], lights: Lights) -> Bools:
    """The lights of some communes, by INSEE code."""
    return np.isin(lights.commune, [place for place, insee in enumerate(lights.communes) if insee in communes])


def of_classes(classes: Sequence[str], lights: Lights) -> Bools:
    """The lights of some EN 13201 classes."""
    return np.isin(lights.lighting_class, [place for place, name in enumerate(lights.classes) if name in classes])


def _communes(scope: OfCommunes, lights: Lights) -> Bools:
    return of_communes(scope.communes, lights)


def _classes(scope: OfClasses, lights: Lights) -> Bools:
    within = of_classes(scope.classes, lights)
    return within & of_communes(scope.communes, lights) if scope.communes else within


def _streets(scope: OfStreets, lights: Lights) -> Bools:
    wanted = {(street.commune, street.name) for street in scope.streets}
    return np.isin(lights.street, [place for place, street in enumerate(lights.streets) if street in wanted])


def _polygon(scope: InPolygon, lights: Lights) -> Bools:
    zone = shapely.make_valid(shapely.Polygon(scope.polygon))
    within: Bools = shapely.intersects_xy(zone, lights.lon, lights.lat)
    return within


def _twins(scope: OfTwins, lights: Lights) -> Bools:
    within = np.zeros(len(lights), np.bool_)
    within[[lights.row_of[urn] for urn in scope.twins if urn in lights.row_of]] = True
    return within


_IN: dict[type, Callable[[Any, Lights], Bools]] = {
    AllLights: _all,
    OfCommunes: _communes,
    OfClasses: _classes,
    OfStreets: _streets,
    InPolygon: _polygon,
    OfTwins: _twins,
}
