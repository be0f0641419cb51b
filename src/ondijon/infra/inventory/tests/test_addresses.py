"""House numbers find their street by its code; without a code, by what is nearest."""

from pathlib import Path

import pytest
import shapefile

from ondijon.infra.inventory import read_inventory
from ondijon.infra.inventory.tests.conftest import MAPPING, Rows, X, Y, write_shapes
from ondijon.kernel.inventory import Address

ADDRESSES = """
[addresses]
file = "houses.zip"
crs = "EPSG:2154"
encoding = "latin-1"
geometry = "point"
required = ["code", "street", "number"]
[addresses.fields]
code = [{ column = "VOIE" }]
street = [{ column = "NOM" }]
number = [{ column = "NUM" }]
suffix = [{ column = "SUF", values = { "BIS" = "bis" } }, { column = "SUF" }]
"""
FIELDS = (("VOIE", "C", 4), ("NOM", "C", 80), ("NUM", "N", 10), ("SUF", "C", 3))


@pytest.fixture
def houses(town: Path) -> Path:
    merged = MAPPING.replace("[streets.fields]\n", '[streets.fields]\ncode = [{ column = "KIND" }]\n') + ADDRESSES
    (town / "import.toml").write_text(merged, encoding="utf-8")
    rows: Rows = [
        ((X - 500, Y + 10), ("RUE", "Rue de la Célette", 7, "")),
        ((X + 500, Y + 10), ("RUE", "Rue de la Célette", 12, "BIS")),
        # Nearer to the avenue, and yet of the street.
        ((X + 2, Y + 40), ("RUE", "Rue de la Célette", 9, "A")),
        ((X + 100, Y + 300), ("XX", "Impasse Perdue", 3, "")),
    ]
    write_shapes(town / "houses.zip", shapefile.POINT, FIELDS, rows)
    return town


def read(folder: Path) -> list[Address]:
    return read_inventory(folder, folder).inventory.addresses


def test_a_number_stands_on_the_nearest_arc_of_its_own_street(houses: Path) -> None:
    first, second, third, _ = read(houses)
    assert [address.street_id[-1] for address in (first, second)] == ["1", "2"]
    assert third.street_id[-1] in "12"
    assert [address.number for address in (first, second, third)] == ["7", "12 bis", "9 A"]
    assert all(address.street is None for address in (first, second, third))


def test_a_street_without_arcs_leaves_its_name_with_the_number(houses: Path) -> None:
    lost = read(houses)[3]
    assert (lost.street, lost.street_id[-1], lost.number) == ("Impasse Perdue", "3", "3")


def test_the_rows_kept_are_counted(houses: Path) -> None:
    assert read_inventory(houses, houses).counts["houses.zip"] == 4


def test_a_city_may_have_no_addresses(town: Path) -> None:
    assert read(town) == []
