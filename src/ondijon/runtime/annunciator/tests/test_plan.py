"""Whatever stands, a plan puts each alarm into one card, hides nothing urgent, and wants nothing a second time."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ondijon.kernel.grouping import Cause
from ondijon.runtime.annunciator.model import FORMS_AT_MOST, SINGLE, Plan, Standing, StandingCard
from ondijon.runtime.annunciator.plan import Outlook, make_plan

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)


FRESH = (UUID(int=number) for number in count(1_000_000))


def alarm(number: int, priority: int = 3, age_s: float = 60.0, **more: object) -> Standing:
    at = NOW - timedelta(seconds=age_s)
    made = Standing(UUID(int=number + 1), "t.out", "t", number, "21001", priority, at, None, False, None, False)
    return msgspec.structs.replace(made, **more)


def cause(element: str, rows: Sequence[int], priority: int = 3, kind: str = "cabinet") -> Cause:
    members = np.array(rows, np.int32)
    return Cause(kind, element, None, "t", priority, members, rows[0], {"21001": 9}, {"label": element})


def outlook(
    alarms: Sequence[Standing], cards: Sequence[StandingCard] = (), causes: Sequence[Cause] = (), may_ring: int = 100
) -> Outlook:
    return Outlook(
        alarms=alarms,
        cards=cards,
        causes=causes,
        now=NOW,
        may_ring=may_ring,
        place=lambda number: (5.0, 47.0),
        number_of=lambda urn: None,
        new_id=lambda: next(FRESH),
    )


class Board:
    """The list as the plans so far have left it."""

    def __init__(self, alarms: Sequence[Standing]) -> None:
        self.alarms = list(alarms)
        self.cards: dict[UUID, StandingCard] = {}

    def take(self, plan: Plan) -> None:
        for new in plan.new_cards:
            fields = {name: getattr(new, name) for name in StandingCard.__struct_fields__}
            self.cards[new.id] = StandingCard(**fields)
        for change in plan.changes:
            known = msgspec.structs.asdict(change)
            self.cards[change.id] = msgspec.structs.replace(self.cards[change.id], **known)
        into = {move.alarm: move.card for move in plan.moves}
        self.alarms = [msgspec.structs.replace(one, card_id=into.get(one.id, one.card_id)) for one in self.alarms]
        for merged in plan.merges:
            del self.cards[merged]

    def members(self) -> dict[UUID, list[Standing]]:
        found: dict[UUID, list[Standing]] = defaultdict(list)
        for one in self.alarms:
            if one.card_id is not None:
                found[one.card_id].append(one)
        return found


towns = st.lists(
    st.tuples(
        st.integers(1, 4),  # priority
        st.sampled_from((0.0, 1.0, 5.0, 400.0)),  # age
        st.sampled_from(("", "a", "b")),  # cause
        st.booleans(),  # apart
        st.booleans(),  # over
    ),
    max_size=30,
)


@given(towns, towns, st.integers(0, 40))
def test_each_alarm_that_is_not_over_stands_in_one_card_and_the_same_again_changes_nothing(
    first: list[tuple[int, float, str, bool, bool]], second: list[tuple[int, float, str, bool, bool]], may_ring: int
) -> None:
    board = Board([])
    for town in (first, second):
        start = len(board.alarms)
        board.alarms += [
            alarm(start + place, priority, age_s, apart=apart, over=over)
            for place, (priority, age_s, _, apart, over) in enumerate(town)
        ]
        named = [one[2] for one in [*first, *second]]
        rows = {key: [row for row in range(len(board.alarms)) if named[row] == key] for key in ("a", "b")}
        causes = [cause(key, found) for key, found in rows.items() if len(found) >= 2]
        plan = make_plan(outlook(board.alarms, list(board.cards.values()), causes, may_ring))
        board.take(plan)
        lost = [one for one in board.alarms if not one.over and one.card_id not in board.cards]
        assert len(lost) == plan.waits
        assert all(one.priority > 2 and not one.apart for one in lost)
        again = make_plan(outlook(board.alarms, list(board.cards.values()), causes, may_ring))
        assert not again
        for card_id, members in board.members().items():
            if card_id in board.cards and board.cards[card_id].kind != SINGLE:
                assert all(one.priority > 1 and not one.apart for one in members if not one.over)


def test_a_flood_takes_only_what_is_minor_and_rings_no_more_than_it_may() -> None:
    alarms = [alarm(place, priority) for place, priority in enumerate((1, 2, 3, 3, 3, 4, 4, 4, 4))]
    plan = make_plan(outlook(alarms, may_ring=4))
    kinds = [(card.kind, card.priority) for card in plan.new_cards]
    assert kinds == [(SINGLE, 1), (SINGLE, 2), (SINGLE, 3), (SINGLE, 3), ("flood", 3)]


def test_a_small_cause_waits_until_it_has_stopped_growing() -> None:
    alarms = [alarm(place, age_s=2.5) for place in range(5)] + [alarm(10 + place, age_s=0.5) for place in range(5)]
    growing = make_plan(outlook(alarms, causes=[cause("a", range(10))]))
    assert (growing.new_cards, growing.waits) == ([], 10)
    settled = make_plan(outlook(alarms, causes=[cause("b", range(5))]))
    assert [card.element for card in settled.new_cards] == ["b"]


def test_a_small_cause_waits_no_longer_than_ten_seconds_and_not_at_all_when_wide_or_with_an_urgent_member() -> None:
    alarms = [alarm(place, age_s=0.5) for place in range(3)]
    old, urgent = alarm(3, age_s=FORMS_AT_MOST.total_seconds()), alarm(3, priority=2, age_s=0.5)
    plans = (
        make_plan(outlook([*alarms, old], causes=[cause("a", range(4))])),
        make_plan(outlook(alarms, causes=[cause("a", range(3), kind="feeder")])),
        make_plan(outlook([*alarms, urgent], causes=[cause("a", range(4), priority=2)])),
    )
    assert [[card.element for card in plan.new_cards] for plan in plans] == [["a"]] * 3


def test_an_emptied_card_is_merged_into_the_one_that_got_most_of_it() -> None:
    board = Board([alarm(place) for place in range(6)])
    board.take(make_plan(outlook(board.alarms, causes=[cause("small", range(5))])))
    (small,) = [one for one in board.cards.values() if one.kind != SINGLE]
    causes = [cause("wide", [0, 1, 2, 5], kind="feeder"), cause("other", [3, 4], kind="phase")]
    plan = make_plan(outlook(board.alarms, list(board.cards.values()), causes))
    wide = next(card.id for card in plan.new_cards if card.element == "wide")
    assert plan.merges[small.id] == wide


def test_what_another_trade_raised_stays_out_of_a_cause() -> None:
    alarms = [alarm(0), alarm(1), alarm(2, trade="other", type="other.x")]
    plan = make_plan(outlook(alarms, causes=[cause("a", [0, 1, 2])]))
    assert [(card.kind, card.trade) for card in plan.new_cards] == [("cabinet", "t"), (SINGLE, "other")]
