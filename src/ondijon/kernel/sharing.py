"""Which part of the field a gateway role answers for, when several share it."""

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Bools
from ondijon.kernel.twins import TwinsOfType

_FNV_OFFSET, _FNV_PRIME, _ALL = 2_166_136_261, 16_777_619, 0xFFFF_FFFF


class Share(Struct, frozen=True):
    """Part `number` of `of`: the field gateways whose names fall into it, and with part 0 what has no gateway."""

    number: int = 0
    of: int = 1

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole field."""
        return self.of == 1

    def has(self, gateway: str | None) -> bool:
        """Whether a gateway belongs to this part."""
        return self.is_whole or number_of(gateway, self.of) == self.number

    def rows_of(self, twins: TwinsOfType) -> Bools:
        """Which rows of a type belong to this part."""
        if self.is_whole:
            return np.ones(len(twins), np.bool_)
        known = {gateway: self.has(gateway) for gateway in {record.gateway for record in twins.records}}
        return np.array([known[record.gateway] for record in twins.records], np.bool_)


WHOLE = Share()


def number_of(gateway: str | None, of: int) -> int:
    """The part of a gateway: FNV-1a (32 bits) of its name, as NATS's subject mapping `partition` reckons it."""
    if gateway is None:
        return 0
    digest = _FNV_OFFSET
    for byte in gateway.encode():
        digest = (digest ^ byte) * _FNV_PRIME & _ALL
    return digest % of
