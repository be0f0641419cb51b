"""Every gateway belongs to exactly one share, and to the one that NATS puts it into."""

from hypothesis import given
from hypothesis import strategies as st

from ondijon.kernel.sharing import WHOLE, Share, number_of

NAMES = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", min_size=1, max_size=64)


def test_the_number_is_the_one_that_nats_reckons() -> None:
    # Seen at nats-server 2.15.1 with the mapping {{partition(4,1)}}.
    assert {name: number_of(name, 4) for name in ("CAB-1", "CAB-9", "CAB-2")} == {"CAB-1": 3, "CAB-9": 3, "CAB-2": 2}


@given(NAMES, st.integers(2, 16))
def test_a_gateway_is_in_one_share_and_no_other(name: str, of: int) -> None:
    assert sum(Share(number, of).has(name) for number in range(of)) == 1


def test_what_has_no_gateway_is_in_the_first_share() -> None:
    assert [Share(number, 4).has(None) for number in range(4)] == [True, False, False, False]


@given(st.none() | NAMES)
def test_the_whole_field_has_everything(name: str | None) -> None:
    assert WHOLE.has(name)
