"""Lines of the drawing: what is carried from a typed corridor or a traced street to the network."""

from collections.abc import Sequence

import numpy as np
import shapely
from msgspec import Struct
from numpy.typing import NDArray

from ondijon.kernel.arrays import Floats
from ondijon.kernel.inventory import StreetClass


class Curve(Struct, frozen=True):
    """A street before it is cut into arcs, in metres; `name` is empty until it gets one."""

    points: Floats
    street_class: StreetClass
    name: str = ""
    typed: bool = False


def lines_of(lines: Sequence[Floats]) -> NDArray[np.object_]:
    """The lines as geometries."""
    counts = [len(line) for line in lines]
    made: NDArray[np.object_] = shapely.linestrings(
        np.concatenate(lines), indices=np.repeat(np.arange(len(lines)), counts)
    )
    return made


def smooth_through(points: Floats, step_m: float = 45.0) -> Floats:
    """A Catmull-Rom curve through the points, sampled about every `step_m`."""
    if len(points) < 3:
        return straight_through(points, step_m)
    first, last = 2 * points[0] - points[1], 2 * points[-1] - points[-2]
    padded = np.vstack((first, points, last))
    pieces: list[Floats] = []
    for index in range(1, len(padded) - 2):
        before, start, end, after = padded[index - 1 : index + 3]
        count = max(int(np.hypot(*(end - start)) / step_m), 1)
        t = (np.arange(count) / count)[:, None]
        pieces.append(
            0.5
            * (
                2 * start
                + (end - before) * t
                + (2 * before - 5 * start + 4 * end - after) * t**2
                + (3 * start - before - 3 * end + after) * t**3
            )
        )
    return np.vstack((*pieces, points[-1:]))


def straight_through(points: Floats, step_m: float = 45.0) -> Floats:
    """The polyline itself with points about every `step_m`."""
    pieces: list[Floats] = []
    for start, end in zip(points[:-1], points[1:], strict=True):
        count = max(int(np.hypot(*(end - start)) / step_m), 1)
        pieces.append(start + (end - start) * (np.arange(count) / count)[:, None])
    return np.vstack((*pieces, points[-1:]))
