"""Whatever members do and however late they look, a share has one holder at a time and in the end the right one."""

from hypothesis import given
from hypothesis import strategies as st

from ondijon.runtime.share_keeper import Held, make_plan

OF = 4
NAMES = ("a", "b", "c")


class Rows:
    """The table of shares, and what each member works on, as the keeper does it."""

    def __init__(self) -> None:
        self.held: dict[int, Held] = {}
        self.working: dict[str, dict[int, int]] = {name: {} for name in NAMES}

    def look(self, me: str, members: list[str]) -> None:
        """One round of one member, who sees these alive."""
        working = self.working[me]
        plan = make_plan(me, OF, members, dict(self.held), working)
        for share in plan.stop:
            epoch = working.pop(share)
            if share in plan.give and self.held[share].epoch == epoch:
                self.held[share] = Held(None, epoch)
        for share, epoch_before in plan.take:
            now = self.held.get(share, Held(None, 0))
            if now.epoch == epoch_before:
                self.held[share] = Held(me, now.epoch + 1)
                working[share] = now.epoch + 1

    def holders(self, share: int) -> list[str]:
        """Who works on a share with the epoch that may commit."""
        now = self.held.get(share)
        return [
            name
            for name in NAMES
            if now is not None and now.owner == name and self.working[name].get(share) == now.epoch
        ]


STEPS = st.lists(st.tuples(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES))), max_size=30)


@given(STEPS, st.sets(st.sampled_from(NAMES), min_size=1))
def test_one_holder_at_a_time_and_everything_held_in_the_end(
    steps: list[tuple[str, set[str]]], alive: set[str]
) -> None:
    rows = Rows()
    for me, others in steps:
        rows.look(me, sorted({me, *others}))
        assert all(len(rows.holders(share)) <= 1 for share in range(OF))
    for name in set(NAMES) - alive:
        rows.working[name].clear()
    members = sorted(alive)
    for _ in range(3):
        for me in members:
            rows.look(me, members)
    assert [rows.holders(share) for share in range(OF)] == [[members[share % len(members)]] for share in range(OF)]


def test_a_share_of_a_living_holder_is_waited_for_and_that_of_a_dead_one_taken() -> None:
    held = {0: Held("b", 7), 1: Held("b", 3)}
    assert make_plan("a", 2, ["a", "b"], held, {}).take == []
    assert make_plan("a", 2, ["a"], held, {}).take == [(0, 7), (1, 3)]


def test_a_restarted_member_takes_its_own_shares_again_at_once() -> None:
    assert make_plan("a", 1, ["a", "b"], {0: Held("a", 5)}, {}).take == [(0, 5)]


def test_who_was_taken_for_dead_stops_and_gives_nothing() -> None:
    plan = make_plan("a", 1, ["a", "b"], {0: Held("b", 6)}, {0: 5})
    assert (plan.stop, plan.give) == ([0], [])
