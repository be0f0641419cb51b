"""Where a point lies."""

from collections.abc import Sequence

Point = Sequence[float]
Ring = Sequence[Point]


def lies_within(boundary: Sequence[Sequence[Ring]], lon: float, lat: float) -> bool:
    """Whether a multipolygon (polygons of rings, degrees) holds a point: an odd number of crossings in one polygon."""
    return any(sum(_crossings(ring, lon, lat) for ring in polygon) % 2 == 1 for polygon in boundary)


def _crossings(ring: Ring, lon: float, lat: float) -> int:
    """How often a ray to the east crosses a ring; a ring need not repeat its first point."""
    count = 0
    for place, (x, y) in enumerate(ring):
        before_x, before_y = ring[place - 1]
        if (y > lat) != (before_y > lat) and lon < (before_x - x) * (lat - y) / (before_y - y) + x:
            count += 1
    return count
