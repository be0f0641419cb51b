"""Which packs were taken in: each once, gaps counted, the cursor goes on where it was."""

from hypothesis import given
from hypothesis import strategies as some

from ondijon.drivers.mqtt.mapping.sequence import WINDOW, Admission, SequenceLedger

NEW, REPEATED = Admission.NEW, Admission.REPEATED
numbers = some.lists(some.integers(1, 200), max_size=60)


def ledger() -> SequenceLedger:
    return SequenceLedger("mqtt", ["A", "B"])


def test_a_number_is_taken_once() -> None:
    one = ledger()
    assert [one.admit(0, number) for number in (1, 2, 2, 1, 3)] == [NEW, NEW, REPEATED, REPEATED, NEW]
    assert one.gaps == 0


def test_gateways_count_for_themselves() -> None:
    one = ledger()
    assert one.admit(0, 1)
    assert one.admit(1, 1)


def test_a_gap_is_counted_and_closes_when_the_missing_packs_arrive_late() -> None:
    one = ledger()
    assert [one.admit(0, number) for number in (1, 5)] == [NEW, NEW]
    assert one.gaps == 3
    assert [one.admit(0, number) for number in (3, 2, 3, 4)] == [NEW, NEW, REPEATED, NEW]
    assert one.gaps == 0


def test_what_came_before_the_first_pack_we_ever_see_is_no_gap() -> None:
    one = ledger()
    assert one.admit(0, 4711)
    assert one.gaps == 0
    assert one.admit(0, 4710)
    assert not one.admit(0, 4710)


def test_older_than_the_window_is_doubtful() -> None:
    one = ledger()
    for number in range(1, 200):
        assert one.admit(0, number)
    assert not one.admit(0, 199 - WINDOW)
    assert one.admit(0, 199 - WINDOW - 1) is Admission.DOUBTFUL
    assert one.gaps == 0


@given(numbers)
def test_within_the_window_it_behaves_like_a_set(sent: list[int]) -> None:
    one, seen, newest = ledger(), set[int](), 0
    for number in sent:
        admitted = one.admit(0, number)
        if newest - number <= WINDOW:
            assert admitted is (REPEATED if number in seen else NEW)
        else:
            assert admitted is Admission.DOUBTFUL
        seen.add(number)
        newest = max(newest, number)


@given(numbers, numbers)
def test_a_restart_changes_nothing(before: list[int], after: list[int]) -> None:
    running = ledger()
    for number in before:
        running.admit(1, number)
    restarted = SequenceLedger("mqtt", ["B", "NEW", "A"], running.cursor())
    assert [running.admit(1, number) for number in after] == [restarted.admit(0, number) for number in after]
    assert restarted.gaps == running.gaps


def test_the_window_survives_its_highest_bit() -> None:
    one = ledger()
    for number in range(1, WINDOW + 2):
        one.admit(0, number)
    assert int(one.cursor().window_bits[0]) == -1
    again = SequenceLedger("mqtt", ["A"], one.cursor())
    assert not again.admit(0, 1)


def test_gateways_that_are_gone_are_forgotten() -> None:
    one = ledger()
    one.admit(0, 9)
    assert SequenceLedger("mqtt", ["B"], one.cursor()).cursor().newest.tolist() == [0]
