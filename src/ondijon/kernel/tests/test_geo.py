"""The metric frame is true enough, and groups along streets are bounded, complete and connected."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from ondijon.kernel.arrays import Floats, Ints64
from ondijon.kernel.geo import (
    LINK_M,
    LocalMetres,
    StreetGraph,
    group_along_streets,
    join_ends,
    join_lines,
    key_cells,
    line_lengths,
    locate_on_segments,
    place_along,
)
from ondijon.kernel.tree_cut import GROUP_MAX, GROUP_MIN

DIJON = LocalMetres(5.0415, 47.3215)


@pytest.mark.parametrize("east_north", [(0.0, 9000.0), (9000.0, 0.0), (-8000.0, -7000.0), (30.0, 40.0)])
def test_lengths_in_the_frame_are_those_on_the_ellipsoid(east_north: tuple[float, float]) -> None:
    lon, lat = DIJON.to_degrees(np.array([east_north]))[0]
    true_m = Geod(ellps="WGS84").inv(DIJON.lon, DIJON.lat, lon, lat)[2]
    assert np.hypot(*east_north) == pytest.approx(true_m, rel=0.002)


def test_metres_turn_back_into_the_same_degrees() -> None:
    places = np.array([[5.0, 47.3], [5.1, 47.4]])
    assert DIJON.to_degrees(DIJON.to_metres(places)) == pytest.approx(places)


def test_a_point_beside_a_segment_finds_its_foot_and_beyond_the_end_its_end() -> None:
    points = np.array([[5.0, 3.0], [14.0, 3.0], [1.0, 1.0]])
    starts = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    ends = np.array([[10.0, 0.0], [10.0, 0.0], [1.0, 0.0]])
    fraction, gap = locate_on_segments(points, starts, ends)
    assert fraction.tolist() == [0.5, 1.0, 0.0]
    assert gap.tolist() == [3.0, 5.0, 1.0]


def test_places_along_a_bent_line_carry_the_direction_there() -> None:
    places, ahead = place_along(np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0]]), np.array([4.0, 13.0]))
    assert places.tolist() == [[4.0, 0.0], [10.0, 3.0]]
    assert ahead.tolist() == [[1.0, 0.0], [0.0, 1.0]]


_LINE = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=2, max_size=6, unique=True)


@given(st.lists(_LINE, min_size=1, max_size=8), st.lists(st.floats(-0.2, 1.2), min_size=1, max_size=6))
def test_many_lines_together_say_what_each_says_alone(corners: list[list[tuple[int, int]]], parts: list[float]) -> None:
    lines = [np.array(line, dtype=np.float64) for line in corners]
    joined = join_lines(lines)
    assert joined.lengths().tolist() == [line_lengths(line)[-1] for line in lines]
    line_of = np.repeat(np.arange(len(lines)), len(parts))
    places, _ = joined.place(line_of, np.tile(parts, len(lines)) * joined.lengths()[line_of])
    alone = [place_along(line, np.array(parts) * line_lengths(line)[-1])[0] for line in lines]
    assert places == pytest.approx(np.vstack(alone), abs=1e-6)
    owner, starts, ends = joined.segments()
    assert owner.tolist() == [row for row, line in enumerate(lines) for _ in line[1:]]
    assert starts.tolist() == [point.tolist() for line in lines for point in line[:-1]]
    assert ends.tolist() == [point.tolist() for line in lines for point in line[1:]]


def test_raster_cells_are_numbered_by_columns_then_rows_also_below_zero() -> None:
    cells = np.array([(column, row) for column in (-2, -1, 0, 1) for row in (-3, -1, 0, 2)])
    assert np.all(np.diff(key_cells(cells)) > 0)


def _blocks(size: int, gap_m: float, corner_m: float = 0.0) -> list[Floats]:
    corners = [[(x * gap_m + corner_m, y * gap_m) for y in range(size)] for x in range(size)]
    across = [np.array([corners[x][y], corners[x + 1][y]]) for x in range(size - 1) for y in range(size)]
    along = [np.array([corners[x][y], corners[x][y + 1]]) for x in range(size) for y in range(size - 1)]
    return across + along


def _lights(graph: StreetGraph, per_arc: int) -> tuple[Ints64, Floats]:
    arcs = np.repeat(np.arange(len(graph.lengths)), per_arc)
    along = np.tile((np.arange(per_arc) + 0.5) / per_arc, len(graph.lengths)) * graph.lengths[arcs]
    return arcs, along


def test_lights_of_a_town_all_fall_into_groups_of_the_wanted_size() -> None:
    graph = join_ends(_blocks(30, 100.0))
    groups = group_along_streets(graph, *_lights(graph, 4))
    sizes = np.bincount(groups)
    assert groups.min() == 0
    assert sizes.min() >= GROUP_MIN
    assert sizes.max() <= GROUP_MAX


def test_lights_of_one_long_street_are_cut_into_stretches() -> None:
    graph = join_ends([np.array([[0.0, 0.0], [6000.0, 0.0]])])
    along: Floats = np.arange(200.0) * 30.0
    groups = group_along_streets(graph, np.zeros(200, dtype=np.int64), along)
    assert np.count_nonzero(np.diff(groups)) == groups.max(), "each group is one stretch"
    assert set(np.bincount(groups).tolist()) <= set(range(GROUP_MIN, GROUP_MAX + 1))


def test_a_hamlet_far_from_every_other_street_has_its_own_small_group() -> None:
    graph = join_ends([*_blocks(6, 100.0), *_blocks(2, 60.0, corner_m=500.0 + LINK_M * 2)])
    arcs, along = _lights(graph, 3)
    hamlet = arcs >= len(graph.lengths) - 4
    groups = group_along_streets(graph, arcs, along)
    assert len(set(groups[hamlet].tolist())) == 1
    assert not set(groups[hamlet].tolist()) & set(groups[~hamlet].tolist())


def test_parts_across_a_narrow_gap_share_a_group() -> None:
    graph = join_ends([*_blocks(2, 60.0), *_blocks(2, 60.0, corner_m=60.0 + LINK_M - 10.0)])
    assert set(group_along_streets(graph, *_lights(graph, 5)).tolist()) == {0}


def test_the_same_lights_in_another_order_are_grouped_alike() -> None:
    graph = join_ends(_blocks(12, 90.0))
    arcs, along = _lights(graph, 3)
    shuffled = np.random.default_rng(7).permutation(len(arcs))
    straight = group_along_streets(graph, arcs, along)
    mixed = group_along_streets(graph, arcs[shuffled], along[shuffled])
    assert (straight[shuffled] == mixed).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 9), st.lists(st.integers(0, 30), min_size=4, max_size=40), st.integers(0, 2**16))
def test_every_light_has_a_group_and_none_is_too_large(size: int, counts: list[int], seed: int) -> None:
    graph = join_ends(_blocks(size, 80.0))
    rng = np.random.default_rng(seed)
    kept = rng.permutation(len(graph.lengths))[: max(len(graph.lengths) * 3 // 4, 1)]
    graph = StreetGraph(graph.nodes, graph.starts[kept], graph.ends[kept], graph.lengths[kept])
    arcs = np.repeat(np.arange(len(kept)), np.resize(counts, len(kept)))
    if len(arcs) == 0:
        return
    groups = group_along_streets(graph, arcs, rng.uniform(0.0, 80.0, len(arcs)))
    assert (groups >= 0).all()
    assert np.bincount(groups).max() <= GROUP_MAX
    assert np.bincount(groups).min() >= 1
