"""Plane geometry in local metres, and the grouping of points along a street graph into connected groups."""

import heapq
from collections.abc import Sequence
from itertools import pairwise
from math import cos, radians

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Floats, Ints64
from ondijon.kernel.tree_cut import GROUP_MIN, Branches, cut_tree

LINK_M = 250.0  # parts of a street graph closer than this are served as one network

_Neighbours = list[list[tuple[int, int, float]]]
_Tree = dict[int, tuple[int, int]]


class LocalMetres(Struct, frozen=True):
    """A flat metric frame (x east, y north) around one WGS 84 point.

    Metres per degree are those of the ellipsoid at that latitude: true to about 0.2 % within 15 km.
    """

    lon: float
    lat: float

    def scale(self) -> tuple[float, float]:
        """Metres per degree of longitude and of latitude (series of the WGS 84 ellipsoid)."""
        phi = radians(self.lat)
        per_lon = 111412.84 * cos(phi) - 93.5 * cos(3 * phi) + 0.118 * cos(5 * phi)
        per_lat = 111132.954 - 559.822 * cos(2 * phi) + 1.175 * cos(4 * phi)
        return per_lon, per_lat

    def to_metres(self, lon_lat: Floats) -> Floats:
        """Metres (n, 2) of degrees (n, 2)."""
        metres: Floats = (np.asarray(lon_lat, dtype=np.float64) - (self.lon, self.lat)) * self.scale()
        return metres

    def to_degrees(self, metres: Floats) -> Floats:
        """Degrees (n, 2) of metres (n, 2)."""
        degrees: Floats = np.asarray(metres, dtype=np.float64) / self.scale() + (self.lon, self.lat)
        return degrees


def locate_on_segments(points: Floats, starts: Floats, ends: Floats) -> tuple[Floats, Floats]:
    """For each point and its segment: where the foot lies on it (0 to 1) and how far the point is from it."""
    along = ends - starts
    squared = np.einsum("ij,ij->i", along, along)
    dot = np.einsum("ij,ij->i", points - starts, along)
    fraction = np.clip(np.divide(dot, squared, out=np.zeros_like(dot), where=squared > 0), 0.0, 1.0)
    foot = starts + along * fraction[:, None]
    return fraction, np.hypot(*(points - foot).T)


class Lines(Struct, frozen=True):
    """Many lines in one array: all their points, where each line begins (and where the last ends), and how far each
    point is from the start of its line."""

    points: Floats
    first: Ints64
    along_m: Floats

    def lengths(self) -> Floats:
        """The length of each line."""
        lengths: Floats = self.along_m[self.first[1:] - 1]
        return lengths

    def segments(self) -> tuple[Ints64, Floats, Floats]:
        """The straight pieces between neighbouring points: of which line each is, its start and its end."""
        last = np.zeros(len(self.points), dtype=np.bool_)
        last[self.first[1:] - 1] = True
        line_of = np.repeat(np.arange(len(self.first) - 1), np.diff(self.first) - 1)
        return line_of, self.points[~last], self.points[1:][~last[:-1]]

    def segments_at(self, line_of: Ints64, distances: Floats) -> Ints64:
        """The point before these distances along these lines: where the segment that they fall on starts."""
        before = np.concatenate(([0.0], np.cumsum(self.lengths())))
        run = self.along_m + np.repeat(before[:-1], np.diff(self.first))
        found = np.searchsorted(run, before[line_of] + distances, side="right") - 1
        starts: Ints64 = np.clip(found, self.first[line_of], self.first[line_of + 1] - 2)
        return starts

    def place(self, line_of: Ints64, distances: Floats) -> tuple[Floats, Floats]:
        """Points at distances along these lines, with the unit direction there."""
        at = np.clip(distances, 0.0, self.lengths()[line_of])
        index = self.segments_at(line_of, at)
        step = np.maximum(self.along_m[index + 1] - self.along_m[index], 1e-9)
        direction = (self.points[index + 1] - self.points[index]) / step[:, None]
        return self.points[index] + direction * (at - self.along_m[index])[:, None], direction


def join_lines(lines: Sequence[Floats]) -> Lines:
    """These lines (each n, 2), of two points or more, as one array."""
    points = np.concatenate(lines)
    first = np.concatenate(([0], np.cumsum([len(line) for line in lines])))
    steps = points[1:] - points[:-1]
    along_m = np.zeros(len(points), dtype=np.float64)
    along_m[1:] = np.hypot(steps[:, 0], steps[:, 1])
    along_m[first[:-1]] = 0.0
    for start, end in pairwise(first.tolist()):
        np.cumsum(along_m[start:end], out=along_m[start:end])
    return Lines(points, first, along_m)


def line_lengths(line: Floats) -> Floats:
    """Distance from the start of a line (n, 2) to each of its points."""
    return join_lines([line]).along_m


def place_along(line: Floats, distances: Floats) -> tuple[Floats, Floats]:
    """Points at distances along a line (n, 2), with the unit direction there."""
    return join_lines([line]).place(np.zeros(len(distances), dtype=np.int64), distances)


class StreetGraph(Struct, frozen=True):
    """Arcs between numbered nodes; `nodes` are their positions in metres."""

    nodes: Floats
    starts: Ints64
    ends: Ints64
    lengths: Floats


def key_cells(cells: Ints64) -> Ints64:
    """One number for each raster cell (column, row), in the order of columns, then rows."""
    keys: Ints64 = (cells[:, 0] << 32) + cells[:, 1]
    return keys


def join_ends(lines: list[Floats], tolerance_m: float = 0.5) -> StreetGraph:
    """The graph of lines (in metres) whose ends meet within about `tolerance_m`."""
    ends = np.array([point for line in lines for point in (line[0], line[-1])], dtype=np.float64)
    cells = key_cells(np.round(ends / tolerance_m).astype(np.int64))
    _, first, number = np.unique(cells, return_index=True, return_inverse=True)
    return StreetGraph(ends[first], number[0::2], number[1::2], join_lines(lines).lengths())


def label_components(node_count: int, starts: Ints64, ends: Ints64) -> Ints64:
    """The number of the connected part that each node belongs to, from 0, by lowest node."""
    root = list(range(node_count))

    def find(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        low, high = sorted((find(start), find(end)))
        root[high] = low
    labels: Ints64 = np.unique([find(node) for node in range(node_count)], return_inverse=True)[1]
    return labels.reshape(-1).astype(np.int64)


def group_along_streets(graph: StreetGraph, arc_of: Ints64, along_m: Floats) -> Ints64:
    """Group points on arcs into connected groups of GROUP_MIN to GROUP_MAX; returns their groups, from 0.

    Method. Parts of the graph closer than LINK_M are linked. In each part a shortest-path tree grows from the
    node nearest to its points' centre, then from its sides, and the best result is kept. The points hang in
    the tree in their order along the streets, those of an arc outside it from its nearer end. The tree is cut
    at single edges, halves first, so that both sides can still be divided into groups of the wanted size:
    every group is a connected piece of that tree.
    GROUP_MAX is never passed; a group stays under GROUP_MIN where a part, or what the cuts leave, is smaller.
    """
    linked = _link_parts(graph)
    labels = label_components(len(linked.nodes), linked.starts, linked.ends)
    part_of_point = labels[linked.starts[arc_of]]
    groups = np.full(len(arc_of), -1, dtype=np.int64)
    count = 0
    neighbours = _neighbours(linked)
    hanging = _points_by_arc(len(linked.starts), arc_of, along_m)
    for part in np.unique(part_of_point).tolist():
        places = linked.nodes[linked.starts[arc_of[part_of_point == part]]]
        arcs = np.nonzero(labels[linked.starts] == part)[0].tolist()
        best: list[Ints64] | None = None
        for root in _roots(linked.nodes, np.nonzero(labels == part)[0], places):
            tree = _shortest_path_tree(neighbours, root)
            pieces = cut_tree(root, _branches(linked, arcs, tree, hanging, along_m))
            if best is None or _shortfall(pieces) < _shortfall(best):
                best = pieces
            if _shortfall(best) == 0:
                break
        for group in best or []:
            groups[group] = count
            count += 1
    return groups


def _roots(nodes: Floats, candidates: Ints64, places: Floats) -> list[int]:
    """Where trees are tried from: the node nearest to the places' centre, and to its four sides."""
    west, south = places.min(axis=0)
    east, north = places.max(axis=0)
    x, y = places.mean(axis=0)
    wanted = [(x, y), (west, y), (east, y), (x, south), (x, north)]
    own = nodes[candidates]
    return list(dict.fromkeys(int(candidates[np.argmin(np.hypot(*(own - spot).T))]) for spot in wanted))


def _shortfall(pieces: list[Ints64]) -> int:
    """How many points lack in all groups that are too small."""
    return sum(max(GROUP_MIN - len(piece), 0) for piece in pieces)


def _link_parts(graph: StreetGraph) -> StreetGraph:
    """Add a straight arc between each part and the nearest other one, where the gap is short."""
    labels = label_components(len(graph.nodes), graph.starts, graph.ends)
    sizes = np.bincount(labels)
    order = np.argsort(-sizes, kind="stable")
    reached = labels == order[0]
    links: list[tuple[int, int, float]] = []
    for part in order[1:].tolist():
        own = np.nonzero(labels == part)[0]
        others = np.nonzero(reached)[0]
        near, gap = _nearest(graph.nodes[own], graph.nodes[others])
        best = int(np.argmin(gap))
        if gap[best] <= LINK_M:
            links.append((int(own[best]), int(others[near[best]]), float(gap[best])))
        reached[own] = True
    if not links:
        return graph
    starts, ends, lengths = zip(*links, strict=True)
    return StreetGraph(
        graph.nodes,
        np.concatenate((graph.starts, np.array(starts, dtype=np.int64))),
        np.concatenate((graph.ends, np.array(ends, dtype=np.int64))),
        np.concatenate((graph.lengths, np.array(lengths, dtype=np.float64))),
    )


def _nearest(points: Floats, others: Floats) -> tuple[Ints64, Floats]:
    """For each point the index of the nearest other, and the distance."""
    near = np.empty(len(points), dtype=np.int64)
    gap = np.empty(len(points), dtype=np.float64)
    for row, point in enumerate(points):
        squared = np.square(others - point).sum(axis=1)
        near[row] = np.argmin(squared)
        gap[row] = float(np.sqrt(squared[near[row]]))
    return near, gap


def _neighbours(graph: StreetGraph) -> _Neighbours:
    """For each node: (other node, arc, length)."""
    result: _Neighbours = [[] for _ in range(len(graph.nodes))]
    arcs = zip(graph.starts.tolist(), graph.ends.tolist(), graph.lengths.tolist(), strict=True)
    for arc, (start, end, length) in enumerate(arcs):
        result[start].append((end, arc, length))
        result[end].append((start, arc, length))
    return result


def _points_by_arc(arc_count: int, arc_of: Ints64, along_m: Floats) -> list[list[int]]:
    """The points of each arc in their order along it."""
    result: list[list[int]] = [[] for _ in range(arc_count)]
    for point in np.lexsort((along_m, arc_of)).tolist():
        result[int(arc_of[point])].append(point)
    return result


def _shortest_path_tree(neighbours: _Neighbours, root: int) -> _Tree:
    """Each reached node's (parent node, arc to it) in order of distance; the root's arc is -1 (Dijkstra)."""
    settled: _Tree = {}
    queue = [(0.0, root, root, -1)]
    while queue:
        distance, node, parent, arc = heapq.heappop(queue)
        if node in settled:
            continue
        settled[node] = (parent, arc)
        for other, other_arc, length in neighbours[node]:
            if other not in settled:
                heapq.heappush(queue, (distance + length, other, node, other_arc))
    return settled


def _branches(
    graph: StreetGraph,
    arcs: list[int],
    tree: _Tree,
    hanging: list[list[int]],
    along_m: Floats,
) -> Branches:
    """What hangs from each node of the tree."""
    tree_arcs = {arc: (parent, node) for node, (parent, arc) in tree.items() if arc >= 0}
    result: Branches = {node: [] for node in tree}
    for arc in arcs:
        points = hanging[arc]
        start, end = int(graph.starts[arc]), int(graph.ends[arc])
        if arc in tree_arcs:
            parent, child = tree_arcs[arc]
            result[parent].append((points if parent == start else points[::-1], child))
        elif points:
            half = int(np.searchsorted(along_m[points], graph.lengths[arc] / 2))
            result[start].append((points[:half], -1))
            result[end].append((points[half:][::-1], -1))
    return result
