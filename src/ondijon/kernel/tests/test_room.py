"""What every act of the room has in common."""

import pytest

from ondijon.kernel.errors import Refused
from ondijon.kernel.room import check_reason

MOST = 500


def test_a_reason_is_kept_without_the_blanks_around_it_up_to_its_longest() -> None:
    assert check_reason("  travaux ", MOST) == "travaux"
    assert check_reason("x" * MOST, MOST) == "x" * MOST


@pytest.mark.parametrize(
    ("reason", "key", "values"),
    [
        ("", "error.reason_needed", {}),
        ("   ", "error.reason_needed", {}),
        ("x" * (MOST + 1), "error.reason_too_long", {"most": MOST}),
    ],
)
def test_no_reason_and_one_too_long_are_refused_in_their_own_words(reason: str, key: str, values: object) -> None:
    with pytest.raises(Refused) as refusal:
        check_reason(reason, MOST)
    assert (refusal.value.key, refusal.value.values) == (key, values)
