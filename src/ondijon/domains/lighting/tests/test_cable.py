"""The order of lights along a cable does not depend on the order they are listed in."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ondijon.domains.lighting.rules.cable import order_along_cable

CABINET = np.array([0.0, 0.0])


def test_a_street_is_walked_from_the_cabinet_outwards() -> None:
    places = np.array([[30.0, 0.0], [10.0, 0.5], [20.0, 0.0], [40.0, 0.2]])
    order, along_m = order_along_cable(places, ["rue A"] * 4, CABINET)
    assert order.tolist() == [1, 2, 0, 3]
    assert np.allclose(along_m[order], [0, 10, 20, 30], atol=0.1)


def test_the_nearest_street_comes_first_whole() -> None:
    places = np.array([[5.0, 50.0], [5.0, 80.0], [10.0, 1.0], [60.0, 1.0]])
    order, _ = order_along_cable(places, ["rue B", "rue B", "rue A", "rue A"], CABINET)
    assert order.tolist() == [2, 3, 0, 1]


def test_no_light_and_one_light() -> None:
    assert order_along_cable(np.zeros((0, 2)), [], CABINET)[0].tolist() == []
    order, along_m = order_along_cable(np.array([[7.0, 7.0]]), ["rue A"], CABINET)
    assert order.tolist() == [0] and along_m.tolist() == [0.0]


@given(
    st.lists(
        st.tuples(st.integers(-500, 500), st.integers(-500, 500), st.sampled_from(["a", "b", "c"])),
        min_size=1,
        max_size=40,
    )
)
def test_every_light_once_and_streets_in_one_piece(lights: list[tuple[int, int, str]]) -> None:
    places = np.array([[x, y] for x, y, _ in lights], np.float64)
    streets = [street for _, _, street in lights]
    order, along_m = order_along_cable(places, streets, CABINET)
    assert sorted(order.tolist()) == list(range(len(lights)))
    walked = [streets[at] for at in order.tolist()]
    assert len(set(walked)) == 1 + sum(a != b for a, b in zip(walked, walked[1:], strict=False))
    assert (along_m >= 0).all()
