"""A small town's files become an inventory; what does not fit is reported row by row, or refused as a whole."""

import zipfile
from pathlib import Path

import msgspec
import pytest

from ondijon.infra.inventory import BadRow, read_inventory
from ondijon.infra.inventory.tests.conftest import X, Y, commune, write_communes, write_lights, write_streets
from ondijon.kernel.errors import Refused


def _refusal(town: Path) -> Refused:
    with pytest.raises(Refused) as refusal:
        read_inventory(town, town)
    return refusal.value


def test_all_sound_rows_are_read(town: Path) -> None:
    result = read_inventory(town, town)
    assert result.bad_rows == []
    assert result.counts == {"communes.geojson": 2, "streets.zip": 3, "lights.zip": 100}


def test_names_in_latin_1_are_read_as_written(town: Path) -> None:
    inventory = read_inventory(town, town).inventory
    assert {street.name for street in inventory.streets} == {"Rue de la Célette", "Avenue du Nord"}
    assert inventory.communes[0].name == "Ouest-lès-Prés"


def test_lambert_metres_become_degrees(town: Path) -> None:
    inventory = read_inventory(town, town).inventory
    lon, lat = next(street for street in inventory.streets if street.name == "Avenue du Nord").line[0]
    assert (lon, lat) == (3.0, 46.5), "the origin of Lambert-93"


def test_class_and_direction_come_from_their_columns(town: Path) -> None:
    streets = read_inventory(town, town).inventory.streets
    assert [(street.street_class, street.one_way) for street in streets] == [
        ("residential", True),
        ("residential", False),
        ("secondary", False),
    ]


def test_lights_stand_on_their_street_with_what_is_known_and_what_is_inferred(town: Path) -> None:
    lights = [twin for twin in read_inventory(town, town).inventory.twins if twin.type == "Streetlight"]
    assert lights[0].id == "urn:ngsi-ld:Streetlight:03001:SL-000001"
    assert lights[0].street_id == "03001-1"
    assert lights[0].attributes["luminaire"] == "unknown"
    assert lights[1].attributes["rated_power_w"] == 100.0
    assert lights[1].attributes["rated_power_inferred"] is True


def test_lights_outside_every_commune_go_to_the_nearest(town: Path) -> None:
    lights = [twin for twin in read_inventory(town, town).inventory.twins if twin.type == "Streetlight"]
    assert lights[-1].position[0] > 3.006
    assert lights[-1].commune == "03002"


def test_lights_are_wired_to_cabinets_of_their_commune(town: Path) -> None:
    twins = read_inventory(town, town).inventory.twins
    cabinets = {twin.id: twin for twin in twins if twin.type == "StreetlightControlCabinet"}
    lights = [twin for twin in twins if twin.type == "Streetlight"]
    assert len(cabinets) == 2
    for light in lights:
        assert light.part_of is not None
        assert light.gateway == cabinets[light.part_of].device
        assert light.commune == cabinets[light.part_of].commune
        assert light.attributes["feeder"] in ("permanent", "switched")


def test_each_street_and_commune_with_lights_has_a_group(town: Path) -> None:
    groups = [twin for twin in read_inventory(town, town).inventory.twins if twin.type == "StreetlightGroup"]
    assert [(group.name, group.commune) for group in groups] == [
        ("Rue de la Célette", "03001"),
        ("Rue de la Célette", "03002"),
    ]


def test_reading_twice_gives_the_same_inventory(town: Path) -> None:
    first, second = (msgspec.json.encode(read_inventory(town, town).inventory) for _ in range(2))
    assert first == second


def test_bad_rows_are_named_and_left_out(town: Path) -> None:
    nowhere = float("nan")
    write_lights(
        town,
        [
            ((X, Y + 5), ("LANTERNE",)),
            (None, ("LANTERNE",)),
            ((X + 20, Y + 5), ("FUSÉE",)),
            ((nowhere, Y), ("LANTERNE",)),
            ((1e12, 1e12), ("LANTERNE",)),
            ((X + 40, Y + 5), ("",)),
        ],
    )
    result = read_inventory(town, town)
    assert result.counts["lights.zip"] == 2
    assert sorted(result.bad_rows, key=lambda bad: bad.row) == [
        BadRow("lights.zip", 2, "geometry", "no_geometry"),
        BadRow("lights.zip", 3, "luminaire", "unknown_value"),
        BadRow("lights.zip", 4, "geometry", "not_finite"),
        BadRow("lights.zip", 5, "geometry", "out_of_range"),
    ]
    lights = [twin.device for twin in result.inventory.twins if twin.type == "Streetlight"]
    assert lights == ["SL-000001", "SL-000006"], "numbers follow the file, also past bad rows"


def test_streets_without_length_name_or_own_key_are_bad_rows(town: Path) -> None:
    write_streets(
        town,
        [
            ([(X - 900, Y), (X, Y)], (1, "Rue A", "", "RUE")),
            ([(X, Y), (X, Y)], (2, "Rue B", "", "RUE")),
            ([(X, Y), (X + 90, Y)], (3, "", "", "RUE")),
            ([(X - 90, Y), (X - 50, Y)], (1, "Rue D", "", "RUE")),
        ],
    )
    assert read_inventory(town, town).bad_rows == [
        BadRow("streets.zip", 2, "geometry", "no_length"),
        BadRow("streets.zip", 3, "name", "missing_value"),
        BadRow("streets.zip", 4, "key", "repeated_value"),
    ]


def test_a_commune_with_a_crossed_border_or_a_word_for_a_number_is_a_bad_row(town: Path) -> None:
    crossed, wordy = commune("03003", "Croisée", 3.01, 3.02), commune("03004", "Bavarde", 3.02, 3.03)
    crossed["geometry"]["coordinates"] = [[[3.01, 46.49], [3.02, 46.51], [3.02, 46.49], [3.01, 46.51], [3.01, 46.49]]]
    wordy["properties"]["pop"] = "many"
    write_communes(town, [commune("03001", "Ouest", 2.98, 3.0), crossed, wordy])
    assert read_inventory(town, town).bad_rows == [
        BadRow("communes.geojson", 2, "geometry", "invalid_polygon"),
        BadRow("communes.geojson", 3, "population", "wrong_type"),
    ]


def test_a_set_of_lights_without_a_row_is_refused(town: Path) -> None:
    write_lights(town, [])
    assert _refusal(town).key == "error.import_nothing_read"


def test_a_missing_file_is_refused_by_name(town: Path) -> None:
    (town / "streets.zip").unlink()
    refused = _refusal(town)
    assert (refused.key, refused.values["file"]) == ("error.import_missing_file", "streets.zip")


def test_a_missing_column_is_refused_by_name(town: Path) -> None:
    write_lights(town, column="genre")
    refused = _refusal(town)
    assert refused.key == "error.import_missing_field"
    assert refused.values == {"file": "lights.zip", "field": "type"}


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_a_cut_off_archive_is_refused(town: Path, cut: float) -> None:
    content = (town / "lights.zip").read_bytes()
    (town / "lights.zip").write_bytes(content[: int(len(content) * cut)])
    assert _refusal(town).key == "error.import_broken_file"


def test_an_archive_with_damaged_bytes_is_refused(town: Path) -> None:
    content = bytearray((town / "lights.zip").read_bytes())
    content[200:260] = bytes(60)
    (town / "lights.zip").write_bytes(content)
    assert _refusal(town).key == "error.import_broken_file"


def test_an_archive_without_a_table_is_refused(town: Path) -> None:
    with zipfile.ZipFile(town / "lights.zip", "w") as archive:
        archive.writestr("lights.txt", "nothing here")
    assert _refusal(town).key == "error.import_broken_file"


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"features": 3}', '{"features": [7]}', '{"features": [{"properties": 7}]}']
)
def test_a_broken_geojson_is_refused(town: Path, content: str) -> None:
    (town / "communes.geojson").write_text(content, encoding="utf-8")
    assert _refusal(town).key == "error.import_broken_file"


def test_a_set_without_a_single_sound_row_is_refused(town: Path) -> None:
    write_streets(town, [(None, (1, "Rue A", "", "RUE"))])
    assert _refusal(town).key == "error.import_nothing_read"


def test_a_reference_system_that_nobody_knows_is_refused(town: Path) -> None:
    mapping = (town / "import.toml").read_text(encoding="utf-8")
    (town / "import.toml").write_text(mapping.replace("EPSG:2154", "EPSG:0"), encoding="utf-8")
    assert _refusal(town).key == "error.import_bad_crs"


@pytest.mark.parametrize("mapping", ["[communes]", "nonsense =", ""])
def test_a_mapping_that_does_not_fit_is_refused(town: Path, mapping: str) -> None:
    (town / "import.toml").write_text(mapping, encoding="utf-8")
    assert _refusal(town).key == "error.bad_import_mapping"
