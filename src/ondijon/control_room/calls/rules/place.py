"""Which commune a point lies in."""

from collections.abc import Sequence

Ring = Sequence[Sequence[float]]


def lies_within(boundary: Sequence[Sequence[Ring]], lon: float, lat: float) -> bool:
    """Whether a point is inside a multipolygon of rings; even-odd rule, so holes are outside."""
    crossed = 0
    for polygon in boundary:
        for ring in polygon:
            for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
                if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
                    crossed += 1
    return crossed % 2 == 1
