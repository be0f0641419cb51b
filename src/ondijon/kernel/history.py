"""History is asked for through one port, wherever its readings lie."""

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from ondijon.kernel.arrays import Floats, Ints64


class Series(Struct, frozen=True, eq=False):
    """Values by time of observation (microseconds since 1970 UTC); sampled: each span's lowest and highest only."""

    at_us: Ints64
    value: Floats
    sampled: bool


class History(Protocol):
    """All readings that were kept, the newest and those of years ago alike."""

    async def get_series(
        self, twin_no: int, property_no: int, since: datetime, until: datetime, most: int
    ) -> Series: ...
