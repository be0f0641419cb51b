"""Live frames (ODF1) and positions (ODP1): typed little-endian columns that a browser maps without parsing."""

import struct
from typing import Self

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import AnyArray, Bools, Bytes8
from ondijon.kernel.errors import RemoteProtocolError
from ondijon.kernel.readings import Columns
from ondijon.kernel.twins import TwinsOfType

_FRAME_HEAD = struct.Struct("<4sBBHdI")
_FRAME_MAGIC = b"ODF1"
_POSITIONS_HEAD = struct.Struct("<4sI")
_POSITIONS_MAGIC = b"ODP1"
_BYTES_A_ROW = 4 + 4 + 4 + 1
FULL = 1


class Slice(Struct, frozen=True, eq=False):
    """One property of some rows, in the types that frames carry."""

    row: AnyArray
    value: AnyArray
    observed_s: AnyArray
    quality: Bytes8

    @classmethod
    def of(cls, columns: Columns, property_index: int, rows: AnyArray) -> Self:
        """The rows' present values of a property."""
        return cls(
            rows.astype("<u4"),
            columns.value[property_index, rows].astype("<f4"),
            (columns.observed_us[property_index, rows] // 1_000_000).astype("<u4"),
            columns.quality[property_index, rows],
        )

    def where(self, mask: Bools) -> Self:
        return type(self)(self.row[mask], self.value[mask], self.observed_s[mask], self.quality[mask])


class FrameHead(Struct, frozen=True):
    """What a frame says of itself."""

    full: bool
    type_index: int
    property_index: int
    epoch_s: float


def encode_frame(head: FrameHead, part: Slice) -> bytes:
    flags = FULL if head.full else 0
    count = len(part.row)
    return b"".join(
        (
            _FRAME_HEAD.pack(_FRAME_MAGIC, flags, head.type_index, head.property_index, head.epoch_s, count),
            part.row.tobytes(),
            part.value.tobytes(),
            part.observed_s.tobytes(),
            part.quality.tobytes(),
        )
    )


def decode_frame(frame: bytes) -> tuple[FrameHead, Slice]:
    """The inverse of `encode_frame`, for tests, benches and clients in Python; raises RemoteProtocolError."""
    if len(frame) < _FRAME_HEAD.size:
        raise RemoteProtocolError("error.bad_frame", size=len(frame))
    magic, flags, type_index, property_index, epoch_s, count = _FRAME_HEAD.unpack_from(frame)
    if magic != _FRAME_MAGIC or len(frame) != _FRAME_HEAD.size + count * _BYTES_A_ROW:
        raise RemoteProtocolError("error.bad_frame", size=len(frame))
    arrays = []
    offset = _FRAME_HEAD.size
    for dtype in ("<u4", "<f4", "<u4", "u1"):
        arrays.append(np.frombuffer(frame, dtype, count, offset))
        offset += count * np.dtype(dtype).itemsize
    return FrameHead(bool(flags & FULL), type_index, property_index, epoch_s), Slice(*arrays)


def encode_positions(twins: TwinsOfType, mask: Bools) -> bytes:
    """The visible rows of a type and where they stand; the commune is its place in the city's list."""
    rows = np.flatnonzero(mask)
    return b"".join(
        (
            _POSITIONS_HEAD.pack(_POSITIONS_MAGIC, len(rows)),
            rows.astype("<u4").tobytes(),
            twins.lon[rows].astype("<f4").tobytes(),
            twins.lat[rows].astype("<f4").tobytes(),
            twins.commune[rows].astype("u1").tobytes(),
        )
    )
