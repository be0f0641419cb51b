"""The small town with one file of every kind: addresses, crossings and counts beside communes, streets and lights."""

from pathlib import Path

import shapefile

from ondijon.infra.inventory.mapping import Dataset, Mapping, read_mapping
from ondijon.infra.inventory.tests.conftest import MAPPING, Rows, X, Y, write_shapes

MORE = """
[addresses]
file = "houses.zip"
crs = "EPSG:2154"
encoding = "latin-1"
geometry = "point"
required = ["street", "number"]
[addresses.fields]
street = [{ column = "NOM" }]
number = [{ column = "NUM" }]

[crossings]
file = "crossings.zip"
crs = "EPSG:2154"
encoding = "latin-1"
geometry = "point"
fields = {}

[counts]
file = "counts.csv"
encoding = "latin-1"
required = ["arc", "year", "vehicles_per_day"]
[counts.fields]
arc = [{ column = "ARC,N,10" }]
year = [{ column = "AN" }]
vehicles_per_day = [{ column = "TMJ" }]
direction = [{ column = "SENS", otherwise = "" }]
usable = [{ column = "NOTE", values = { "Tube coupé" = false }, otherwise = true }]
"""
HEAD = '"ARC,N,10",AN,TMJ,SENS,NOTE'
COUNTS = (
    "1,2012,1000,Célette-Nord,",
    "1,2013,600,Célette-Nord,",
    "1,2013,800,célette_nord,",
    "1,2013,90,Nord-Célette,",
    "2,2011,3000,Ouest-Est,",
    "2,2011,2000,Est-Ouest,",
    "2,2011,500,Est-Marché,",
    "3,2010,70,Aller,Tube coupé",
    "77,2010,70,Aller,",
)


def write_counts(folder: Path, rows: tuple[str, ...] = COUNTS, head: str = HEAD, encoding: str = "latin-1") -> None:
    """A CSV in the fashion of a database's export."""
    (folder / "counts.csv").write_bytes("\n".join((head, *rows, "")).encode(encoding))


def furnish(town: Path) -> None:
    """Add the other files to the small town's folder."""
    (town / "import.toml").write_text(MAPPING + MORE, encoding="utf-8")
    houses: Rows = [((X - 500 + 20 * n, Y + 10), ("Rue de la Célette", n)) for n in range(1, 40)]
    write_shapes(town / "houses.zip", shapefile.POINT, (("NOM", "C", 80), ("NUM", "N", 10)), houses)
    crossings: Rows = [((X - 30 + 20 * n, Y), ("",)) for n in range(8)]
    write_shapes(town / "crossings.zip", shapefile.POINT, (("NOTE", "C", 4),), crossings)
    write_counts(town)


def datasets_of(mapping: Mapping) -> list[Dataset]:
    """Every file that a mapping names."""
    found = [mapping.communes, mapping.streets, *mapping.twins, mapping.addresses, mapping.crossings, mapping.counts]
    return [dataset for dataset in found if dataset is not None]


def whole_mapping(folder: Path) -> Mapping:
    """The mapping of a furnished town."""
    return read_mapping(folder)[1]
