"""Which packs of each gateway were taken in: a pack seen twice has no effect, a gap is counted."""

from collections.abc import Sequence

import numpy as np

from ondijon.kernel.field import Cursor

WINDOW = 64
_ALL = (1 << WINDOW) - 1


class SequenceLedger:
    """By gateway number: the newest pack, a bitmap of the 64 before it (bit 0 = newest - 1), packs missing.

    A number older than the window can no longer be told from a repetition; it is let in, because a
    repeated row of history harms less than a lost one (and a gateway whose memory was replaced starts at 1).
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

    def admit(self, place: int, number: int) -> bool:
        """Note that a pack came; False when it came before."""
        newest = self._newest[place]
        ahead = number - newest
        if ahead > 0:
            self._advance(place, number, ahead)
            return True
        if ahead == 0:
            return False
        if -ahead <= WINDOW:
            bit = 1 << (-ahead - 1)
            if self._window[place] & bit:
                return False
            self._window[place] |= bit
        if self._gaps[place] > 0:
            self._gaps[place] -= 1
        return True

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
