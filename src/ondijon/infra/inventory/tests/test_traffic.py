"""Counts join their arc, the newest year speaks, directions add up, and what is of no use is said."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from ondijon.infra.inventory import BadRow, read_inventory
from ondijon.infra.inventory.quality import measure_groups, measure_spread
from ondijon.infra.inventory.rows import CheckedRow
from ondijon.infra.inventory.tests.whole_town import COUNTS, furnish, write_counts
from ondijon.infra.inventory.traffic import count_traffic
from ondijon.kernel.errors import Refused
from ondijon.kernel.inventory import Street


@pytest.fixture
def whole(town: Path) -> Path:
    furnish(town)
    return town


def test_the_newest_year_is_averaged_by_direction_and_added(whole: Path) -> None:
    streets = {street.street_id[-1]: street for street in read_inventory(whole, whole).inventory.streets}
    assert (streets["1"].vehicles_per_day, streets["1"].counted_year) == (700, 2013), "one way: the busier direction"
    assert (streets["2"].vehicles_per_day, streets["2"].counted_year) == (5000, 2011), "two ways: the two busiest"
    assert (streets["3"].vehicles_per_day, streets["3"].counted_year) == (None, None)


def test_counts_of_no_use_are_reported_and_left_out(whole: Path) -> None:
    result = read_inventory(whole, whole)
    assert result.bad_rows == [
        BadRow("counts.csv", 8, "usable", "spoiled_count"),
        BadRow("counts.csv", 9, "arc", "unknown_street"),
    ]
    assert result.rows["counts.csv"] == 9 and result.counts["counts.csv"] == 7


def test_words_for_numbers_and_missing_values_are_bad_rows(whole: Path) -> None:
    write_counts(whole, (COUNTS[0], "1,never,7,,", "1,2012,many,,", "1,2012,-4,,", ",2012,4,,"))
    assert sorted(read_inventory(whole, whole).bad_rows, key=lambda bad: bad.row) == [
        BadRow("counts.csv", 2, "year", "wrong_type"),
        BadRow("counts.csv", 3, "vehicles_per_day", "wrong_type"),
        BadRow("counts.csv", 4, "vehicles_per_day", "out_of_range"),
        BadRow("counts.csv", 5, "arc", "missing_value"),
    ]


def test_a_row_with_another_number_of_fields_refuses_the_file(whole: Path) -> None:
    write_counts(whole, (COUNTS[0], "1,2012"))
    with pytest.raises(Refused) as refusal:
        read_inventory(whole, whole)
    assert "row 2 has 2 fields, the head 5" in str(refusal.value.values["reason"])


def test_crossings_belong_to_the_nearest_arc_and_the_commune_around_them(whole: Path) -> None:
    crossings = read_inventory(whole, whole).inventory.crossings
    assert [one.street_id[-1] for one in crossings] == ["1", "1", "2", "2", "2", "2", "2", "2"]
    assert {one.commune for one in crossings} == {"03001", "03002"}


_flows = st.lists(
    st.tuples(st.integers(2000, 2013), st.integers(0, 40_000), st.sampled_from(["A-B", "a_b", "B-A", ""])), min_size=1
)


@given(_flows, st.booleans())
def test_traffic_is_never_more_than_twice_the_busiest_count_of_its_year(
    counts: list[tuple[int, int, str]], one_way: bool
) -> None:
    street = Street("21-1", "Rue", "21", "residential", [(0.0, 0.0), (1.0, 1.0)], one_way)
    rows = [
        CheckedRow(number, {"arc": "1", "year": year, "vehicles_per_day": flow, "direction": way}, shapely.Point())
        for number, (year, flow, way) in enumerate(counts, start=1)
    ]
    (counted,) = count_traffic("counts.csv", rows, [street], [])
    newest = max(year for year, _, _ in counts)
    busiest = max(flow for year, flow, _ in counts if year == newest)
    assert counted.counted_year == newest
    assert counted.vehicles_per_day is not None
    assert 0 <= counted.vehicles_per_day <= busiest * (1 if one_way else 2)


def test_quality_tells_distances_and_sizes(whole: Path) -> None:
    (lights,) = read_inventory(whole, whole).quality
    assert lights.type == "Streetlight" and lights.twins == 100
    assert (lights.spread.median_m, lights.spread.most_m, lights.spread.far) == (5.0, 5.0, 0)
    assert lights.groups is not None
    assert lights.groups.number == 2 and lights.groups.least + lights.groups.most == 100


def test_quality_counts_the_far_and_the_small() -> None:
    spread = measure_spread(np.array([1.0, 2.0, 3.0, 60.0]))
    assert (spread.median_m, spread.most_m, spread.far) == (2.5, 60.0, 1)
    groups = measure_groups(np.repeat([0, 1, 2], [10, 50, 70]))
    assert (groups.least, groups.median, groups.most, groups.under, groups.over) == (10, 50.0, 70, 1, 1)
