"""The two binary formats, byte by byte as docs/console-api.md gives them."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ondijon.kernel.arrays import AnyArray
from ondijon.kernel.errors import RemoteProtocolError
from ondijon.testing.builders import batch, small_city
from ondijon.web.changes import Changes
from ondijon.web.frames import FrameHead, Slice, decode_frame, encode_frame, encode_positions
from ondijon.web.rights import Rights

AT_US = 1_800_000_000_500_000


def test_a_frame_has_the_documented_bytes() -> None:
    city = small_city()
    Changes(city).take(batch(city, "Lamp", "level_pct", {3: 62.5}, AT_US))
    part = Slice.of(city.columns["Lamp"], 0, np.array([3, 4]))
    frame = encode_frame(FrameHead(True, 1, 258, 1.5), part)
    assert frame[:20] == b"ODF1\x01\x01\x02\x01" + struct.pack("<dI", 1.5, 2)
    assert frame[20:28] == struct.pack("<2I", 3, 4)
    assert frame[28:32] == struct.pack("<f", 62.5)
    assert frame[36:44] == struct.pack("<2I", 1_800_000_000, 0)
    assert frame[44:] == b"\x00\x02"


@given(rows=arrays.arrays(np.uint32, st.integers(0, 50)), full=st.booleans())
def test_a_frame_survives_the_way(rows: AnyArray, full: bool) -> None:
    part = Slice(rows, rows.astype("<f4"), rows, rows.astype(np.uint8))
    head, back = decode_frame(encode_frame(FrameHead(full, 2, 3, 4.0), part))
    assert head == FrameHead(full, 2, 3, 4.0)
    for sent, received in zip(
        (part.row, part.value, part.observed_s, part.quality),
        (back.row, back.value, back.observed_s, back.quality),
        strict=True,
    ):
        assert np.array_equal(sent, received)


@pytest.mark.parametrize("broken", [b"", b"ODF1", b"ODF2" + bytes(16), b"ODF1" + bytes(12) + b"\x01\0\0\0"])
def test_bytes_that_are_no_frame_are_refused(broken: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decode_frame(broken)


def test_positions_hold_the_visible_rows_and_their_communes() -> None:
    city = small_city()
    rights = Rights(city)
    mask = rights.mask(rights.everything, "Pump").copy()
    mask[1] = False
    packed = encode_positions(city.twins["Pump"], mask)
    assert packed[:8] == b"ODP1" + struct.pack("<I", 2)
    assert packed[8:16] == struct.pack("<2I", 0, 2)
    assert np.allclose(struct.unpack_from("<4f", packed, 16), (5.0, 5.2, 47.31, 47.31))
    assert packed[32:] == b"\x00\x02"
