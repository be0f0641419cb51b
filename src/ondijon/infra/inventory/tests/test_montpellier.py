"""The published datasets of Montpellier are read in full, where they are at hand."""

from collections import Counter
from pathlib import Path

import pytest

import ondijon
from ondijon.infra.inventory import ImportResult, read_inventory

MONTPELLIER = Path(ondijon.__file__).parent / "cities" / "montpellier"
SOURCES = MONTPELLIER.parents[3].parent / "shared" / "data" / "montpellier"


NEW_TYPES = ("TrafficSignalJunction", "Camera")


@pytest.fixture(scope="module")
def result() -> ImportResult:
    if not SOURCES.is_dir():
        pytest.skip("the published datasets are not at ../shared/data/montpellier")
    return read_inventory(MONTPELLIER, SOURCES)


def test_every_row_is_read(result: ImportResult) -> None:
    assert result.rows == {
        "communes.geojson": 31,
        "VilleMTP_MTP_FilaireVoies.zip": 8_011,
        "VilleMTP_MTP_EclairagePublic.zip": 29_969,
        "VilleMTP_MTP_Signalisation.zip": 373,
        "VilleMTP_MTP_CameraSurv.zip": 141,
        "VilleMTP_MTP_PointAdresse.zip": 36_395,
        "VilleMTP_MTP_PassagesPiet.zip": 3_130,
        "VilleMTP_MTP_Comptage.csv": 3_314,
    }


def test_only_counts_without_their_street_or_with_a_broken_counter_are_left_out(result: ImportResult) -> None:
    reasons = Counter((bad.file, bad.field, bad.reason) for bad in result.bad_rows)
    assert reasons == {
        ("VilleMTP_MTP_Comptage.csv", "arc", "unknown_street"): 155,
        ("VilleMTP_MTP_Comptage.csv", "usable", "spoiled_count"): 72,
    }
    counted = [street for street in result.inventory.streets if street.vehicles_per_day is not None]
    assert len(counted) == 1_157
    assert all(1996 <= int(str(street.counted_year)) <= 2013 for street in counted)


def test_junctions_and_cameras_stand_there_without_any_gateway(result: ImportResult) -> None:
    kinds = {kind: [twin for twin in result.inventory.twins if twin.type == kind] for kind in NEW_TYPES}
    assert {kind: len(twins) for kind, twins in kinds.items()} == {"TrafficSignalJunction": 373, "Camera": 141}
    assert all(twin.gateway is None and twin.device is None for twins in kinds.values() for twin in twins)
    assert sum("installed_year" in twin.attributes for twin in kinds["TrafficSignalJunction"]) == 373 - 65
    assert len({twin.attributes["reference"] for twin in kinds["Camera"]}) == 141


def test_crossings_and_quality_are_told(result: ImportResult) -> None:
    assert len(result.inventory.crossings) == 3_130
    lights = result.quality[0]
    assert (lights.type, lights.twins, lights.spread.far) == ("Streetlight", 29_969, 373)
    assert lights.spread.median_m < 5.0 and lights.spread.p95_m < 25.0
    assert lights.groups is not None
    assert (lights.groups.number, lights.groups.most, lights.groups.over) == (627, 60, 0)


def test_streets_have_their_names_and_one_way_flags(result: ImportResult) -> None:
    streets = result.inventory.streets
    assert all(street.name for street in streets)
    assert sum(street.one_way for street in streets) == 1_742
    assert any(street.name == "Place de la Célette" for street in streets)


def test_house_numbers_stand_on_an_arc_of_their_own_street(result: ImportResult) -> None:
    addresses = result.inventory.addresses
    names = {street.street_id: street.name for street in result.inventory.streets}
    assert len(addresses) == 36_395
    orphans = [address for address in addresses if address.street is not None]
    assert {address.street for address in orphans} == {"Plan Duché", "Rue de Mars"}
    assert len(orphans) == 9
    blier = {address.number for address in addresses if names[address.street_id] == "Rue Bernard Blier"}
    assert {"118", "183"} <= blier
    assert sum(address.number.endswith(" bis") for address in addresses) == 867


def test_communes_have_codes_and_populations(result: ImportResult) -> None:
    communes = {commune.insee: commune for commune in result.inventory.communes}
    assert communes["34172"].name == "Montpellier"
    assert communes["34057"].population == 25_404
    assert len(communes) == 31


def test_lights_fall_into_five_kinds_and_the_few_of_no_kind(result: ImportResult) -> None:
    lights = [twin for twin in result.inventory.twins if twin.type == "Streetlight"]
    assert Counter(light.attributes["luminaire"] for light in lights) == {
        "lantern": 22_598,
        "ambience": 3_888,
        "floodlight": 1_689,
        "recessed": 1_017,
        "bollard": 750,
        "unknown": 27,
    }


def test_cabinets_feed_40_to_60_lights_wherever_streets_allow(result: ImportResult) -> None:
    sizes = Counter(twin.part_of for twin in result.inventory.twins if twin.type == "Streetlight")
    assert max(sizes.values()) <= 60
    assert sum(size >= 40 for size in sizes.values()) / len(sizes) > 0.9


def test_circuits_phases_feeders_and_uplinks_are_inferred_and_say_so(result: ImportResult) -> None:
    for twin in result.inventory.twins:
        if twin.type == "Streetlight":
            assert twin.attributes["circuit_inferred"] and twin.attributes["phase"] in ("L1", "L2", "L3")
            assert 1 <= int(str(twin.attributes["circuit"])) <= 4
        elif twin.type == "StreetlightControlCabinet":
            assert twin.attributes["grid_feeder_inferred"] and twin.attributes["grid_feeder"]
            assert twin.attributes["uplink"]
