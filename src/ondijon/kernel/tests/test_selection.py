"""Points in polygons against shapely, and ids against their grammar."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import MultiPoint, Point, Polygon

from ondijon.kernel.errors import Refused
from ondijon.kernel.ids import is_local_id, parse_twin_id, twin_id
from ondijon.kernel.selection import in_rings

corner = st.tuples(st.floats(0, 10), st.floats(0, 10))


@given(st.lists(corner, min_size=3, max_size=9), st.lists(corner, min_size=1, max_size=30))
def test_inside_means_what_shapely_means(corners: list[tuple[float, float]], points: list[tuple[float, float]]) -> None:
    hull = MultiPoint(corners).convex_hull
    if not isinstance(hull, Polygon):
        return
    ring = tuple((x, y) for x, y in hull.exterior.coords)
    inside = in_rings(np.array([x for x, _ in points]), np.array([y for _, y in points]), (ring,))
    for point, found in zip(points, inside.tolist(), strict=True):
        place = Point(point)
        if hull.boundary.distance(place) > 1e-6:
            assert found == hull.contains(place)


def test_an_inner_ring_is_a_hole() -> None:
    outer = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))
    inner = ((4.0, 4.0), (6.0, 4.0), (6.0, 6.0), (4.0, 6.0))
    found = in_rings(np.array([5.0, 1.0]), np.array([5.0, 1.0]), (outer, inner))
    assert found.tolist() == [False, True]


def test_a_twin_id_carries_type_commune_and_local_part() -> None:
    urn = twin_id("Streetlight", "2A004", "SL-000012")
    assert parse_twin_id(urn) == ("Streetlight", "2A004", "SL-000012")


@pytest.mark.parametrize("local", ["", "a b", "a.b", "a/b", "a" * 65, "é", "#", "+"])
def test_a_local_id_that_would_break_a_topic_is_refused(local: str) -> None:
    assert not is_local_id(local)
    with pytest.raises(Refused, match="bad_twin_id"):
        twin_id("Streetlight", "21231", local)
