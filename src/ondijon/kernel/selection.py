"""A selection becomes rows: by name, by parent, by street, by commune, by polygon, or all."""

import numpy as np

from ondijon.kernel.arrays import Bools, Floats, Ints32
from ondijon.kernel.city import City
from ondijon.kernel.commands import Selection
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.twins import TwinsOfType

MOST_VERTICES = 1_000


def in_rings(lon: Floats, lat: Floats, rings: tuple[tuple[tuple[float, float], ...], ...]) -> Bools:
    """Which points lie inside a polygon of rings, by the even-odd rule (so that inner rings are holes)."""
    inside = np.zeros(len(lon), np.bool_)
    for ring in rings:
        previous_lon, previous_lat = ring[-1]
        for edge_lon, edge_lat in ring:
            if edge_lat != previous_lat:
                crosses = (edge_lat > lat) != (previous_lat > lat)
                side = (lon - edge_lon) * (previous_lat - edge_lat) - (previous_lon - edge_lon) * (lat - edge_lat)
                inside ^= crosses & (side < 0.0 if previous_lat > edge_lat else side > 0.0)
            previous_lon, previous_lat = edge_lon, edge_lat
    return inside


def _on_streets(city: City, twins: TwinsOfType, street_ids: tuple[str, ...]) -> Ints32:
    named = {
        (city.streets[street_id].name, city.streets[street_id].commune)
        for street_id in street_ids
        if street_id in city.streets
    }
    if not named:
        raise NotFound("error.no_targets")
    arcs = {street.street_id for street in city.streets.values() if (street.name, street.commune) in named}
    return np.array([row for row, record in enumerate(twins.records) if record.street_id in arcs], np.int32)


def _parts_of(city: City, twins: TwinsOfType, parents: tuple[str, ...]) -> Ints32:
    wanted = set(parents)
    rows = [row for row, record in enumerate(twins.records) if record.part_of in wanted]
    if rows:
        return np.array(rows, np.int32)
    streets = []
    for urn in parents:
        parent_twins, row = city.get_twin(urn)
        street_id = parent_twins.records[row].street_id
        if street_id is not None:
            streets.append(street_id)
    return _on_streets(city, twins, tuple(streets))


def _in_communes(city: City, twins: TwinsOfType, insees: tuple[str, ...]) -> Ints32:
    codes = [code for code, insee in enumerate(city.commune_codes) if insee in insees]
    return np.flatnonzero(np.isin(twins.commune, codes)).astype(np.int32)


def _in_polygon(twins: TwinsOfType, rings: tuple[tuple[tuple[float, float], ...], ...]) -> Ints32:
    if not rings or any(len(ring) < 3 for ring in rings) or sum(map(len, rings)) > MOST_VERTICES:
        raise Refused("error.bad_selection")
    return np.flatnonzero(in_rings(twins.lon, twins.lat, rings)).astype(np.int32)


def select_rows(city: City, twin_type: str, selection: Selection) -> Ints32:
    """The rows of `twin_type` that a selection means, ascending; raises Refused or NotFound when there is none."""
    twins = city.twins[twin_type]
    if selection.kind == "all":
        rows = np.arange(len(twins), dtype=np.int32)
    elif selection.kind == "twins":
        rows = np.unique(np.array([twins.get_row(urn) for urn in selection.ids], np.int32))
    elif selection.kind == "part_of":
        rows = _parts_of(city, twins, selection.ids)
    elif selection.kind == "street":
        rows = _on_streets(city, twins, selection.ids)
    elif selection.kind == "commune":
        rows = _in_communes(city, twins, selection.ids)
    else:
        rows = _in_polygon(twins, selection.rings)
    if not len(rows):
        raise NotFound("error.no_targets")
    return rows
