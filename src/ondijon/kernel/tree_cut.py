"""Divides a tree of points into connected groups of a wanted size, by cutting single edges."""

from functools import lru_cache

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Floats, Ints64

GROUP_MIN = 40
GROUP_MAX = 60
LOOK_AHEAD_GROUPS = 6  # below so many groups, a cut is judged by the cuts that can follow
LOOK_AHEAD_CUTS = 16

# What hangs from each node: points in order away from it, and the node behind them (-1 for none).
Branches = dict[int, list[tuple[list[int], int]]]


def cut_tree(root: int, branches: Branches) -> list[Ints64]:
    """Divide a tree by cutting single edges until every piece holds at most GROUP_MAX points."""
    pieces: list[Ints64] = []
    stack = [_write_out(root, branches)]
    while stack:
        tree = stack.pop()
        total = int(tree.load[0])
        if total <= GROUP_MAX:
            pieces.append(tree.point_of[tree.point_of >= 0])
            continue
        stack.extend(_parted(tree))
    return pieces


class _Preorder(Struct, frozen=True):
    """A tree in preorder: each vertex's point (-1 for a node), its subtree's extent and points."""

    point_of: Ints64
    extent: Ints64
    load: Ints64


def _write_out(root: int, branches: Branches) -> _Preorder:
    """Each branch but a junction's first starts with a vertex of its own that also holds the branches after it.

    So an edge can part several branches of a junction from the rest: both sides stay joined at the junction.
    """
    point_of: list[int] = []
    extent: list[int] = []
    stack: list[tuple[list[int], list[tuple[list[int], int]], int]] = [([-1], branches[root], -1)]
    while stack:
        chain, behind, opened = stack.pop()
        if opened >= 0:  # everything behind these vertices has been written: close them
            for vertex in range(opened, opened + len(chain)):
                extent[vertex] = len(point_of) - vertex
            continue
        stack.append((chain, [], len(point_of)))
        point_of.extend(chain)
        extent.extend([0] * len(chain))
        if len(behind) > 1:
            stack.append(([-1], behind[1:], -1))
        if behind:
            points, child = behind[0]
            stack.append(([*points, -1], branches[child] if child >= 0 else [], -1))
    points_array = np.array(point_of, dtype=np.int64)
    extents = np.array(extent, dtype=np.int64)
    counted = np.concatenate(([0], np.cumsum(points_array >= 0)))
    return _Preorder(points_array, extents, counted[np.arange(len(extents)) + extents] - counted[:-1])


def _parted(tree: _Preorder) -> tuple[_Preorder, _Preorder]:
    """Both sides of the best cut; in small trees the best few are judged by what could be cut next."""
    total = int(tree.load[0])
    cost = _costs_by_load(total)[tree.load]
    if total > LOOK_AHEAD_GROUPS * GROUP_MAX:
        cut = int(np.argmin(cost))
    else:
        best = np.argsort(cost, kind="stable")[:LOOK_AHEAD_CUTS]
        cut = _least_lacking(tree, best[cost[best] < np.inf].tolist())
    return _without(tree, cut), _subtree(tree, cut)


def _least_lacking(tree: _Preorder, cuts: list[int]) -> int:
    """The first of these cuts after which the fewest points will lack."""
    lacking: dict[int, float] = {}
    for vertex in cuts:
        lacking[vertex] = _lacking_after(tree, vertex)
        if lacking[vertex] == 0:
            return vertex
    return min(lacking, key=lacking.__getitem__)


def _lacking_after(tree: _Preorder, vertex: int) -> float:
    """How many points lack in the groups on both sides of this cut, after the best next cut of each."""
    after = vertex + int(tree.extent[vertex])
    own = tree.load[vertex:after]
    above = np.arange(vertex) + tree.extent[:vertex] > vertex
    rest = np.concatenate((tree.load[:vertex] - own[0] * above, tree.load[after:]))
    return _lacking(own) + _lacking(rest)


def _lacking(load: Ints64) -> float:
    """How many points lack in a tree's groups after its best next cut, from the loads of its vertices."""
    total = int(load[0])
    if total <= GROUP_MAX:
        return float(max(GROUP_MIN - total, 0))
    return float(_costs_by_load(total)[load].min()) // total


@lru_cache(maxsize=LOOK_AHEAD_GROUPS * GROUP_MAX)
def _costs_by_load(total: int) -> Floats:
    """What it costs to cut off each load (0 to `total`): first what would lack, then how far from halves."""
    load = np.arange(total + 1)
    misfit = _misfit(load) + _misfit(total - load)
    cost: Floats = misfit * float(total) + np.abs(load - total / 2)
    cost[[0, total]] = np.inf
    cost.flags.writeable = False
    return cost


def _misfit(load: Ints64) -> Ints64:
    """How many points lack for this load to be divisible into groups of GROUP_MIN to GROUP_MAX."""
    groups = -(-load // GROUP_MAX)
    lacking: Ints64 = np.maximum(groups * GROUP_MIN - load, 0)
    return lacking


def _subtree(tree: _Preorder, vertex: int) -> _Preorder:
    part = slice(vertex, vertex + int(tree.extent[vertex]))
    return _Preorder(tree.point_of[part], tree.extent[part], tree.load[part])


def _without(tree: _Preorder, vertex: int) -> _Preorder:
    size = int(tree.extent[vertex])
    kept = np.ones(len(tree.extent), dtype=np.bool_)
    kept[vertex : vertex + size] = False
    index = np.arange(len(tree.extent))
    above = (index < vertex) & (vertex < index + tree.extent)
    extent = np.where(above, tree.extent - size, tree.extent)
    load = np.where(above, tree.load - tree.load[vertex], tree.load)
    return _Preorder(tree.point_of[kept], extent[kept], load[kept])
