"""Change frames carry a reading batch between the post's processes as typed bytes."""

import struct

import numpy as np

from ondijon.kernel.errors import RemoteProtocolError
from ondijon.kernel.readings import ReadingBatch

SUBJECT = "ondijon.frames"
WANTED_SUBJECT = "ondijon.frames.wanted"
_MAGIC = b"ODB1"
_HEAD = struct.Struct("<4sHI")
_BYTES_A_READING = 4 + 2 + 8 + 8 + 8 + 1
MOST_READINGS = 20_000


def encode_batch(batch: ReadingBatch) -> bytes:
    """Little-endian columns behind a head of magic, name length and count."""
    name = batch.twin_type.encode()
    return b"".join(
        (
            _HEAD.pack(_MAGIC, len(name), len(batch)),
            name,
            batch.row.astype("<i4", copy=False).tobytes(),
            batch.property_index.astype("<i2", copy=False).tobytes(),
            batch.value.astype("<f8", copy=False).tobytes(),
            batch.observed_us.astype("<i8", copy=False).tobytes(),
            batch.received_us.astype("<i8", copy=False).tobytes(),
            batch.quality.astype("u1", copy=False).tobytes(),
        )
    )


def decode_batch(payload: bytes) -> ReadingBatch:
    """The inverse of `encode_batch`; raises RemoteProtocolError on anything else."""
    if len(payload) < _HEAD.size:
        raise RemoteProtocolError("error.bad_frame", size=len(payload))
    magic, name_length, count = _HEAD.unpack_from(payload)
    start = _HEAD.size + name_length
    if magic != _MAGIC or len(payload) != start + count * _BYTES_A_READING:
        raise RemoteProtocolError("error.bad_frame", size=len(payload))
    arrays = []
    offset = start
    for dtype in ("<i4", "<i2", "<f8", "<i8", "<i8", "u1"):
        arrays.append(np.frombuffer(payload, dtype, count, offset))
        offset += count * np.dtype(dtype).itemsize
    row, index, value, observed_us, received_us, quality = arrays
    return ReadingBatch(payload[_HEAD.size : start].decode(), row, index, value, observed_us, received_us, quality)
