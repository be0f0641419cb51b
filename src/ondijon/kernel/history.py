"""History is asked for through one port, wherever its readings lie."""

from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from ondijon.kernel.arrays import Floats, Ints64

GrainKey = Literal["hour", "day"]


class Series(Struct, frozen=True, eq=False):
    """Values by time of observation (microseconds since 1970 UTC); sampled: each span's lowest and highest only."""

    at_us: Ints64
    value: Floats
    sampled: bool


class Total(Struct, frozen=True):
    """What the good readings of an hour or a local day come to; their mean is total / n."""

    begins_at: datetime
    n: int
    total: float
    lowest: float
    highest: float


class History(Protocol):
    """All readings that were kept, the newest and those of years ago alike."""

    async def get_series(
        self, twin_no: int, property_no: int, since: datetime, until: datetime, most: int
    ) -> Series: ...

    async def list_totals(
        self, grain: GrainKey, of_no: int, property_no: int, since: datetime, until: datetime
    ) -> list[Total]:
        """Roll-ups that are done: `hour` of what others are part of (all its parts together), `day` of any twin."""
        ...
