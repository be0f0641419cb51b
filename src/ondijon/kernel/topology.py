"""A topology says which part, source and trunk each twin hangs on, by supply path and by link path."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Bools, Floats, Ints16, Ints32
from ondijon.kernel.city import City
from ondijon.kernel.geo import LocalMetres
from ondijon.kernel.inventory import TwinRecord
from ondijon.kernel.manifest import LevelSpec, TwinTypeSpec

PATHS = ("supply", "link")
NOWHERE = -1


class Element(Struct, frozen=True):
    """Something that can fail and take what hangs on it along; `twin` is its URN where it is a twin."""

    name: str
    label: str
    twin: str | None
    values: dict[str, Any]


class Level(Struct, frozen=True, eq=False):
    """All elements of one kind, and which of them each place hangs on (NOWHERE where it has none)."""

    kind: str
    elements: Sequence[Element]
    of_place: Ints32

    def count(self, places: Ints32) -> Ints32:
        """How many of the places hang on each element."""
        chosen = self.of_place[places]
        return np.bincount(chosen[chosen >= 0], minlength=len(self.elements)).astype(np.int32)


class Path(Struct, frozen=True, eq=False):
    """One path: parts within a source (circuit, phase), the source (cabinet, gateway), trunks of several (feeder).

    source_place: the place of each source's own twin.
    """

    key: str
    parts: tuple[Level, ...]
    source: Level
    trunks: tuple[Level, ...]
    source_place: Ints32


class Topology(Struct, frozen=True, eq=False):
    """Places count all twins whose type declares levels, type by type; `place_of` finds one by its twin_no.

    metres: positions in a flat frame around the city's centre.
    """

    types: tuple[str, ...]
    place_of: Ints32
    type_of: Ints16
    commune: Ints16
    metres: Floats
    records: Sequence[TwinRecord]
    paths: dict[str, Path]

    def find_places(self, twin_no: Ints32) -> Ints32:
        """The place of each twin, NOWHERE when its type declares no levels."""
        known = (twin_no >= 0) & (twin_no < len(self.place_of))
        return np.where(known, self.place_of[np.where(known, twin_no, 0)], NOWHERE).astype(np.int32)


class _Twins(Struct, frozen=True, eq=False):
    """Every twin whose type declares levels, by place."""

    specs: tuple[TwinTypeSpec, ...]
    records: list[TwinRecord]
    type_of: Ints16
    place: dict[str, int]
    place_of_device: dict[str, int]


def build_topology(city: City) -> Topology:
    """What the trades' manifests and the twins' attributes say; what an attribute does not say is left out."""
    specs = tuple(spec for spec in city.types.values() if spec.levels and len(city.twins[spec.key]))
    found = [city.twins[spec.key] for spec in specs]
    records = [record for twins in found for record in twins.records]
    type_of = np.repeat(np.arange(len(specs), dtype=np.int16), [len(twins) for twins in found])
    twins = _Twins(
        specs,
        records,
        type_of,
        {record.id: place for place, record in enumerate(records)},
        {record.device: place for place, record in enumerate(records) if record.device is not None},
    )
    numbers = np.concatenate([one.twin_no for one in found]) if found else np.zeros(0, np.int32)
    place_of = np.full(int(numbers.max(initial=0)) + 1, NOWHERE, np.int32)
    place_of[numbers] = np.arange(len(numbers), dtype=np.int32)
    commune = np.concatenate([one.commune for one in found]) if found else np.zeros(0, np.int16)
    degrees = np.array([record.position for record in records], np.float64).reshape(-1, 2)
    paths = {key: path for key in PATHS if (path := _path(key, twins)) is not None}
    keys = tuple(spec.key for spec in specs)
    metres = LocalMetres(*city.card.center).to_metres(degrees)
    return Topology(keys, place_of, type_of, commune, metres, records, paths)


def _path(key: str, twins: _Twins) -> Path | None:
    declared = [(code, level) for code, spec in enumerate(twins.specs) for level in spec.levels if level.path == key]
    sources = [(code, level) for code, level in declared if level.of in ("itself", "parent", "gateway")]
    if not sources:
        return None
    source, source_place = _source(sources, twins)
    parts = [_part(kind, group, source, twins) for kind, group in _by_kind(declared, "part")]
    trunks = [_trunk(kind, group, source, source_place, twins) for kind, group in _by_kind(declared, "trunk")]
    return Path(key, tuple(parts), source, tuple(trunks), source_place)


def _by_kind(declared: list[tuple[int, LevelSpec]], of: str) -> Iterator[tuple[str, list[tuple[int, LevelSpec]]]]:
    kinds = dict.fromkeys(level.kind for _, level in declared if level.of == of)
    for kind in kinds:
        yield kind, [(code, level) for code, level in declared if level.of == of and level.kind == kind]


def _source(sources: list[tuple[int, LevelSpec]], twins: _Twins) -> tuple[Level, Ints32]:
    """The twins that others hang on, and who hangs on which."""
    own: Bools = np.isin(twins.type_of, [code for code, level in sources if level.of == "itself"])
    source_place = np.flatnonzero(own).astype(np.int32)
    number = np.full(len(twins.records), NOWHERE, np.int32)
    number[source_place] = np.arange(len(source_place), dtype=np.int32)
    of_place = number.copy()
    for code, level in sources:
        if level.of == "itself":
            continue
        for place in np.flatnonzero(twins.type_of == code).tolist():
            record = twins.records[place]
            above = twins.place.get(record.part_of or "")
            if level.of == "gateway":
                above = twins.place_of_device.get(record.gateway or "")
            of_place[place] = NOWHERE if above is None else number[above]
    records = [twins.records[place] for place in source_place.tolist()]
    elements = [Element(record.id, record.name, record.id, {}) for record in records]
    return Level(sources[0][1].kind, elements, of_place), source_place


def _part(kind: str, group: list[tuple[int, LevelSpec]], source: Level, twins: _Twins) -> Level:
    of_place = np.full(len(twins.records), NOWHERE, np.int32)
    numbers: dict[tuple[int, str], int] = {}
    elements: list[Element] = []
    source_of = source.of_place.tolist()
    for code, level in group:
        for place in np.flatnonzero((twins.type_of == code) & (source.of_place >= 0)).tolist():
            value = twins.records[place].attributes.get(level.attribute)
            if value is None:
                continue
            key = (source_of[place], str(value))
            if key not in numbers:
                numbers[key] = len(elements)
                whole = source.elements[key[0]]
                name = f"{whole.name}/{kind}/{value}"
                elements.append(
                    Element(name, f"{whole.label} · {value}", None, {source.kind: whole.label, kind: str(value)})
                )
            of_place[place] = numbers[key]
    return Level(kind, elements, of_place)


def _trunk(kind: str, group: list[tuple[int, LevelSpec]], source: Level, source_place: Ints32, twins: _Twins) -> Level:
    attribute_of = {code: level.attribute for code, level in group}
    of_source = np.full(len(source_place), NOWHERE, np.int32)
    numbers: dict[str, int] = {}
    for row, place in enumerate(source_place.tolist()):
        value = twins.records[place].attributes.get(attribute_of.get(int(twins.type_of[place]), ""))
        if value is not None:
            of_source[row] = numbers.setdefault(str(value), len(numbers))
    of_place = (
        np.where(source.of_place >= 0, of_source[source.of_place], NOWHERE) if len(of_source) else source.of_place
    )
    elements = [Element(name, name, None, {}) for name in numbers]
    return Level(kind, elements, of_place.astype(np.int32))
