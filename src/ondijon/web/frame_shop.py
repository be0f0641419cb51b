"""Frames of one round are cut once for everybody who may see the same."""

from collections.abc import Iterable

import numpy as np

from ondijon.kernel.arrays import Bools
from ondijon.kernel.city import City
from ondijon.web.changes import Marks
from ondijon.web.frames import FrameHead, Slice, encode_frame
from ondijon.web.rights import Rights, Scope

Properties = tuple[int, ...]


def live_properties(city: City) -> dict[str, Properties]:
    """For each twin type, the places of the properties that go into frames."""
    return {
        key: tuple(index for index, spec in enumerate(types.properties) if spec.live)
        for key, types in city.types.items()
    }


class FrameShop:
    """Cuts frames from the present columns; good for one round, because it remembers what it cut."""

    def __init__(self, city: City, rights: Rights, live: dict[str, Properties], marks: Marks, epoch_s: float) -> None:
        self._city = city
        self._rights = rights
        self._live = live
        self._marks = marks
        self._epoch_s = epoch_s
        self._slices: dict[str, list[tuple[int, Slice]]] = {}
        self._changed: dict[tuple[Scope, str], list[bytes]] = {}
        self._full: dict[tuple[Scope, str], list[bytes]] = {}

    @property
    def marks(self) -> Marks:
        return self._marks

    def changed(self, scope: Scope, twin_type: str) -> list[bytes]:
        """One frame for each live property of the type that changed where the scope sees it."""
        if twin_type not in self._marks:
            return []
        frames = self._changed.get((scope, twin_type))
        if frames is None:
            if twin_type not in self._slices:
                self._slices[twin_type] = self._slice(twin_type, self._marks[twin_type])
            frames = self._changed[scope, twin_type] = self._cut(scope, twin_type, self._slices[twin_type])
        return frames

    def owed(self, scope: Scope, twin_type: str, marks: Marks) -> list[bytes]:
        """Like `changed`, for a client that is owed more than this round."""
        if twin_type not in marks:
            return []
        return self._cut(scope, twin_type, self._slice(twin_type, marks[twin_type]))

    def full(self, scope: Scope, twin_type: str) -> list[bytes]:
        """One frame for each live property of the type, with every row the scope sees."""
        frames = self._full.get((scope, twin_type))
        if frames is None:
            rows = np.flatnonzero(self._rights.mask(scope, twin_type))
            columns = self._city.columns[twin_type]
            frames = self._full[scope, twin_type] = [
                encode_frame(self._head(scope, twin_type, index, full=True), Slice.of(columns, index, rows))
                for index in self._live[twin_type]
            ]
        return frames

    def _slice(self, twin_type: str, changed: Bools) -> list[tuple[int, Slice]]:
        columns = self._city.columns[twin_type]
        found = ((index, np.flatnonzero(changed[index])) for index in self._live[twin_type])
        return [(index, Slice.of(columns, index, rows)) for index, rows in found if len(rows)]

    def _cut(self, scope: Scope, twin_type: str, slices: Iterable[tuple[int, Slice]]) -> list[bytes]:
        mask = self._rights.mask(scope, twin_type)
        frames = []
        for index, part in slices:
            seen = mask[part.row]
            if seen.any():
                visible = part if seen.all() else part.where(seen)
                frames.append(encode_frame(self._head(scope, twin_type, index, full=False), visible))
        return frames

    def _head(self, scope: Scope, twin_type: str, property_index: int, *, full: bool) -> FrameHead:
        place = self._rights.type_order(scope).index(twin_type)
        return FrameHead(full, place, property_index, self._epoch_s)
