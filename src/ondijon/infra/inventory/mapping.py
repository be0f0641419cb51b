"""The declarative mapping of one city's datasets, as its import.toml states it."""

import tomllib
from pathlib import Path
from typing import Literal

from msgspec import Struct, ValidationError, convert

from ondijon.kernel.errors import Refused
from ondijon.kernel.inventory import AttributeValue, Position

GeometryKind = Literal["point", "line", "polygon", "none"]


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """One way to get a field's value from a column; the texts in `absent` stand for no value."""

    column: str
    absent: list[str] = []
    values: dict[str, AttributeValue] | None = None
    otherwise: AttributeValue = None


class Dataset(Struct, frozen=True, forbid_unknown_fields=True):
    """One file and what its columns mean; `delimiter` is a CSV's, whose rows have no geometry."""

    file: str
    fields: dict[str, list[Rule]]
    geometry: GeometryKind = "none"
    crs: str = "EPSG:4326"
    required: list[str] = []
    encoding: str = "utf-8"
    delimiter: str = ","


class Inferred(Struct, frozen=True, forbid_unknown_fields=True):
    """Attributes that the set lacks, by the value of one field; `marks` says on each twin that they are inferred."""

    by: str
    values: dict[str, dict[str, AttributeValue]]
    marks: dict[str, AttributeValue] = {}


class TwinDataset(Dataset, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file of which each row is one real object; the field `name`, if any, is what people call it."""

    type: str
    prefix: str
    inferred: Inferred | None = None


class AddressDataset(Dataset, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """House numbers: fields `number`, `suffix` and `street`; the field `code` is the same as their street's `code`."""


class CrossingDataset(Dataset, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Pedestrian crossings: points, each on the arc that is nearest."""


class CountDataset(Dataset, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Traffic counts: fields `arc` (the `key` of a street), `direction`, `year`, `vehicles_per_day`, `usable`."""


class Circuits(Struct, frozen=True, forbid_unknown_fields=True):
    """Cabinets to be made for the twins of one type, by grouping them along the streets."""

    of: str
    type: str
    prefix: str
    power: str
    subscribed_kw: list[float]
    switched_share: float
    attributes: dict[str, AttributeValue]


class StreetGroups(Struct, frozen=True, forbid_unknown_fields=True):
    """One twin for each street that has twins of one type."""

    of: str
    type: str
    prefix: str


class Mapping(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything import.toml states; without streets only the communes' borders are real (`attribution` names them)."""

    communes: Dataset
    streets: Dataset | None = None
    twins: list[TwinDataset] = []
    circuits: Circuits | None = None
    street_groups: StreetGroups | None = None
    attribution: dict[str, str] | None = None
    addresses: AddressDataset | None = None
    crossings: CrossingDataset | None = None
    counts: CountDataset | None = None


class CityHead(Struct, frozen=True):
    """What the import needs of city.toml."""

    key: str
    center: Position


def read_mapping(city_folder: Path) -> tuple[CityHead, Mapping]:
    """The city's head and mapping; raises Refused when a file is missing or does not fit."""
    try:
        head, mapping = (
            tomllib.loads((city_folder / name).read_text(encoding="utf-8")) for name in ("city.toml", "import.toml")
        )
        return convert(head, CityHead), convert(mapping, Mapping)
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise Refused("error.bad_import_mapping", folder=city_folder.name, reason=str(error)) from error
