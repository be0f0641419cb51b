"""The order in which a cable probably passes its lights: street after street from the cabinet, along each street."""

from collections.abc import Sequence

import numpy as np

from ondijon.kernel.arrays import Floats, Ints64


def order_along_cable(places: Floats, streets: Sequence[str], cabinet: Floats) -> tuple[Ints64, Floats]:
    """The lights in order, and the metres of each along its own street from the end nearest to the cabinet.

    places: (n, 2) in metres; streets: the street of each light. Streets come by the distance of their nearest light;
    within one, lights follow its long axis.
    """
    away_m = np.hypot(*(places - cabinet).T) if len(places) else np.zeros(0)
    along_m = np.zeros(len(places))
    groups: list[tuple[float, str, Ints64]] = []
    names = np.array(streets, dtype=object)
    for street in sorted(set(streets)):
        mine = np.flatnonzero(names == street)
        along = _along_axis(places[mine])
        if away_m[mine[np.argmax(along)]] < away_m[mine[np.argmin(along)]]:
            along = along.max() - along
        along_m[mine] = along
        groups.append((float(away_m[mine].min()), street, mine[np.argsort(along, kind="stable")]))
    groups.sort(key=lambda group: group[:2])
    order = np.concatenate([mine for _, _, mine in groups]) if groups else np.zeros(0, np.int64)
    return order.astype(np.int64), along_m


def _along_axis(places: Floats) -> Floats:
    """Metres along the axis of largest spread, from 0."""
    centred = places - places.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    along: Floats = centred @ axes[0]
    from_start: Floats = along - along.min()
    return from_start
