"""The newest observation wins, whatever the order of arrival."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ondijon.kernel.errors import RemoteProtocolError
from ondijon.kernel.frames import decode_batch, encode_batch
from ondijon.kernel.readings import Columns, ReadingBatch, evolve_batch

TWINS, PROPERTIES = 4, ("a", "b")
Reading = tuple[int, int, int, float]
readings = st.lists(
    st.tuples(st.integers(0, TWINS - 1), st.integers(0, 1), st.integers(1, 30), st.floats(-5, 5)), max_size=40
)


def batch_of(some: list[Reading]) -> ReadingBatch:
    rows, properties, times, values = zip(*some, strict=True) if some else ((), (), (), ())
    return ReadingBatch(
        "Thing",
        np.array(rows, np.int32),
        np.array(properties, np.int16),
        np.array(values, np.float64),
        np.array(times, np.int64),
        np.array(times, np.int64) + 100,
        np.zeros(len(rows), np.uint8),
    )


@given(readings, st.integers(0, 40))
def test_live_state_is_the_newest_observation_however_it_is_cut_into_batches(some: list[Reading], cut: int) -> None:
    columns = Columns("Thing", PROPERTIES, TWINS)
    evolve_batch(columns, batch_of(some[:cut]))
    evolve_batch(columns, batch_of(some[cut:]))
    newest: dict[tuple[int, int], int] = {}
    for row, index, at, _ in some:
        newest[index, row] = max(at, newest.get((index, row), 0))
    for (index, row), at in newest.items():
        assert columns.observed_us[index, row] == at
        assert columns.value[index, row] in {v for r, i, t, v in some if (i, r, t) == (index, row, at)}
    assert np.count_nonzero(columns.observed_us) == len(newest)


@given(readings)
def test_the_same_batch_twice_changes_nothing(some: list[Reading]) -> None:
    columns = Columns("Thing", PROPERTIES, TWINS)
    evolve_batch(columns, batch_of(some))
    before = columns.value.copy()
    assert not evolve_batch(columns, batch_of(some)).any()
    assert np.array_equal(before, columns.value, equal_nan=True)


@given(readings)
def test_a_frame_comes_back_as_it_went(some: list[Reading]) -> None:
    batch = batch_of(some)
    back = decode_batch(encode_batch(batch))
    assert back.twin_type == "Thing"
    for name in ("row", "property_index", "value", "observed_us", "received_us", "quality"):
        assert np.array_equal(getattr(back, name), getattr(batch, name))


@given(st.binary(max_size=60))
def test_garbage_is_no_frame(garbage: bytes) -> None:
    try:
        decode_batch(garbage)
    except RemoteProtocolError:
        return
    assert garbage.startswith(b"ODB1")
