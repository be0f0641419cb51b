"""A session's states over time, for any sequence of inputs, locks, unlocks and waits."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ondijon.web.standing import Standing, lock, see, unlock

START = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
STEPS = st.lists(
    st.tuples(st.sampled_from(["wait", "see", "lock", "unlock"]), st.integers(0, 1_200)), min_size=1, max_size=40
)
LOCKS = st.none() | st.integers(1, 1_800)
MOVES = {"see": see, "lock": lock, "unlock": unlock}


def walk(steps: list[tuple[str, int]], idle_lock_s: int | None) -> list[tuple[str, datetime, Standing, Standing]]:
    """Each step after its wait: what was done, when, before and after."""
    standing, now = Standing(START, START + timedelta(hours=2), None, idle_lock_s), START
    found = []
    for move, wait_s in steps:
        now += timedelta(seconds=wait_s)
        after = MOVES[move](standing, now) if move in MOVES else standing
        found.append((move, now, standing, after))
        standing = after
    return found


@given(STEPS, LOCKS)
def test_only_a_proof_opens_what_is_locked_and_nothing_opens_what_has_ended(
    steps: list[tuple[str, int]], idle_lock_s: int | None
) -> None:
    for move, now, before, after in walk(steps, idle_lock_s):
        was, became = before.state_at(now), after.state_at(now)
        if was == "ended":
            assert (became, after) == ("ended", before)
        elif was == "locked":
            assert became == ("open" if move == "unlock" else "locked")
        else:
            assert became == ("locked" if move == "lock" else "open")


@given(STEPS, LOCKS)
def test_a_session_locks_exactly_when_nobody_typed_for_its_time(
    steps: list[tuple[str, int]], idle_lock_s: int | None
) -> None:
    for _, now, _, after in walk(steps, idle_lock_s):
        if after.state_at(now) != "open":
            continue
        changes_at = after.changes_at(now)
        assert after.state_at(changes_at - timedelta(microseconds=1)) == "open"
        assert after.state_at(changes_at) != "open"
        if idle_lock_s is not None:
            assert changes_at <= after.seen_at + timedelta(seconds=idle_lock_s)


@given(STEPS, LOCKS)
def test_a_lock_keeps_its_first_moment_and_input_never_makes_a_session_younger(
    steps: list[tuple[str, int]], idle_lock_s: int | None
) -> None:
    for move, now, before, after in walk(steps, idle_lock_s):
        assert after.ends_at == before.ends_at and after.seen_at >= before.seen_at
        if move == "lock" and before.state_at(now) == "locked":
            assert after.locks_at == before.locks_at


def test_a_wall_never_locks_by_itself() -> None:
    standing = Standing(START, START + timedelta(hours=12))
    assert standing.state_at(START + timedelta(hours=11, minutes=59)) == "open"
    assert standing.changes_at(START) == START + timedelta(hours=12)
