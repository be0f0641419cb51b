"""The whole import: datasets in, one inventory out, nothing stored."""

from pathlib import Path

import numpy as np
from msgspec import Struct, structs

from ondijon.infra.inventory.addresses import make_addresses
from ondijon.infra.inventory.folder import SourceFolder
from ondijon.infra.inventory.mapping import Mapping, read_mapping
from ondijon.infra.inventory.placing import Placed, make_street_groups, place, wire
from ondijon.infra.inventory.quality import Quality, measure_groups, measure_spread
from ondijon.infra.inventory.rows import BadRow
from ondijon.infra.inventory.streets import Ground, lay_ground, make_communes
from ondijon.infra.inventory.traffic import count_traffic, make_crossings
from ondijon.kernel.errors import Refused
from ondijon.kernel.geo import LocalMetres
from ondijon.kernel.inventory import Commune, Inventory, TwinRecord


class ImportResult(Struct, frozen=True):
    """What was read: the inventory, the rows of each file, those left out, how well twins stand and hang."""

    inventory: Inventory
    bad_rows: list[BadRow]
    rows: dict[str, int]
    quality: list[Quality]

    @property
    def counts(self) -> dict[str, int]:
        """The rows kept of each file."""
        return {file: rows - sum(bad.file == file for bad in self.bad_rows) for file, rows in self.rows.items()}


class Boundaries(Struct, frozen=True):
    """Real communes for a city whose rest is generated, and the words that must then stand on its screen."""

    communes: list[Commune]
    bad_rows: list[BadRow]
    rows: dict[str, int]
    attribution: dict[str, str] | None


def read_inventory(city_folder: Path, source_folder: Path, seed: int = 34172) -> ImportResult:
    """Read a city's datasets as its import.toml says.

    Raises Refused (mapping or file missing, broken, or without a column that the mapping names, or without one
    sound row); rows that do not fit are reported and left out. `seed` only draws what no dataset tells: which
    streets hang on a feeder switched by night. The same files and seed give the same inventory.
    """
    head, mapping = read_mapping(city_folder)
    folder = SourceFolder(source_folder)
    ground = _read_ground(LocalMetres(*head.center), mapping, folder)
    quality: list[Quality] = []
    twins = _read_twins(mapping, folder, ground, seed, quality)
    inventory = Inventory(head.key, ground.communes, ground.streets, [], [], twins)
    inventory = _with_details(inventory, mapping, folder, ground)
    folder.refuse_empty()
    return ImportResult(inventory, folder.bad, folder.rows, quality)


def read_boundaries(city_folder: Path, source_folder: Path) -> Boundaries:
    """Only the communes, for a city whose import.toml names no streets; raises Refused as read_inventory does."""
    _, mapping = read_mapping(city_folder)
    folder = SourceFolder(source_folder)
    communes, _ = make_communes(mapping.communes.file, folder.read(mapping.communes), folder.bad)
    folder.refuse_empty()
    return Boundaries(communes, folder.bad, folder.rows, mapping.attribution)


def _read_ground(frame: LocalMetres, mapping: Mapping, folder: SourceFolder) -> Ground:
    if mapping.streets is None:
        raise Refused("error.bad_import_mapping", folder="import.toml", reason="no streets")
    communes, areas = make_communes(mapping.communes.file, folder.read(mapping.communes), folder.bad)
    folder.refuse_empty()
    rows = folder.read(mapping.streets)
    return lay_ground(frame, communes, areas, mapping.streets.file, rows, folder.bad)


def _read_twins(
    mapping: Mapping, folder: SourceFolder, ground: Ground, seed: int, quality: list[Quality]
) -> list[TwinRecord]:
    """Every object, with the cabinets and groups that are made for some."""
    twins: list[TwinRecord] = []
    for dataset in mapping.twins:
        placed = place(dataset, folder.read(dataset), ground)
        if mapping.circuits is not None and dataset.type == mapping.circuits.of:
            placed, cabinets = wire(mapping.circuits, placed, ground, np.random.default_rng(seed))
            twins += cabinets
        twins += placed.twins
        if mapping.street_groups is not None and dataset.type == mapping.street_groups.of:
            twins += make_street_groups(mapping.street_groups, placed, ground)
        quality.append(_quality(dataset.type, placed, ground))
    return twins


def _quality(twin_type: str, placed: Placed, ground: Ground) -> Quality:
    groups = None if placed.group is None else measure_groups(placed.group)
    spread = measure_spread(ground.gaps_m(placed.points, placed.arc))
    return Quality(twin_type, len(placed.twins), spread, groups)


def _with_details(inventory: Inventory, mapping: Mapping, folder: SourceFolder, ground: Ground) -> Inventory:
    """The inventory with what a city need not have: addresses, crossings, and traffic on its streets."""
    addresses = make_addresses(folder.read(mapping.addresses), ground) if mapping.addresses else []
    crossings = make_crossings(folder.read(mapping.crossings), ground) if mapping.crossings else []
    streets = inventory.streets
    if mapping.counts:
        streets = count_traffic(mapping.counts.file, folder.read(mapping.counts), streets, folder.bad)
    return structs.replace(inventory, addresses=addresses, crossings=crossings, streets=streets)
