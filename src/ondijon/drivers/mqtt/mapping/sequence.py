"""Which packs of each gateway were taken in: a pack seen twice has no effect, a gap is counted."""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np

from ondijon.kernel.field import Cursor

WINDOW = 64
_ALL = (1 << WINDOW) - 1


class Admission(IntEnum):
    """What a pack's number says of it; a doubtful one is told by what it says from what the history has already."""

    REPEATED = 0
    NEW = 1
    DOUBTFUL = 2


class SequenceLedger:
    """By gateway number: the newest pack, a bitmap of the 64 before it (bit 0 = newest - 1), packs missing.

    A number older than the window may be a repetition, a pack that was held up for long, or the first of a gateway
    whose memory was replaced and that starts at 1: it is doubtful.
    """

    def __init__(self, driver: str, gateways: Sequence[str], cursor: Cursor | None = None) -> None:
        self._driver = driver
        self._gateways = tuple(gateways)
        self._newest = [0] * len(gateways)
        self._window = [0] * len(gateways)
        self._gaps = [0] * len(gateways)
        if cursor is not None:
            self._load(cursor)

    def _load(self, cursor: Cursor) -> None:
        place_of = {gateway: place for place, gateway in enumerate(self._gateways)}
        for old, gateway in enumerate(cursor.gateways):
            place = place_of.get(gateway)
            if place is None:
                continue
            self._newest[place] = int(cursor.newest[old])
            self._window[place] = int(cursor.window_bits[old]) & _ALL
            self._gaps[place] = int(cursor.gaps[old])

    def admit(self, place: int, number: int) -> Admission:
        """Note that a pack came."""
        newest = self._newest[place]
        ahead = number - newest
        if ahead > 0:
            self._advance(place, number, ahead)
            return Admission.NEW
        if ahead == 0:
            return Admission.REPEATED
        if -ahead > WINDOW:
            return Admission.DOUBTFUL
        bit = 1 << (-ahead - 1)
        if self._window[place] & bit:
            return Admission.REPEATED
        self._window[place] |= bit
        if self._gaps[place] > 0:
            self._gaps[place] -= 1
        return Admission.NEW

    def _advance(self, place: int, number: int, ahead: int) -> None:
        if self._newest[place] == 0:
            # The first pack we ever see: what came before the post existed is no gap.
            self._newest[place] = number
            return
        self._window[place] = ((self._window[place] << 1 | 1) << (ahead - 1)) & _ALL if ahead <= WINDOW else 0
        self._gaps[place] += ahead - 1
        self._newest[place] = number

    @property
    def gaps(self) -> int:
        """Packs missing of all gateways together."""
        return sum(self._gaps)

    def cursor(self) -> Cursor:
        """The whole ledger as it stands now."""
        return Cursor(
            driver=self._driver,
            gateways=self._gateways,
            newest=np.array(self._newest, np.int64),
            window_bits=np.array(self._window, np.uint64).view(np.int64),
            gaps=np.array(self._gaps, np.int64),
        )
