"""From standing alarms, cards and causes to what has to change, without I/O and without memory."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from ondijon.kernel.alarms import Priority
from ondijon.kernel.grouping import Cause
from ondijon.runtime.annunciator.model import (
    FLOOD,
    FLOOD_WINDOW,
    FORMS_AT_MOST,
    FORMS_FOR,
    SETTLES_IN,
    SINGLE,
    SMALL_CAUSES,
    CardChange,
    Move,
    NewCard,
    Plan,
    Standing,
    StandingCard,
)

Place = Callable[[int], tuple[float, float]]


class Outlook(Struct, frozen=True, eq=False):
    """What a plan is made from; `may_ring`: annunciations left before it is a flood; `place`: where a twin stands."""

    alarms: Sequence[Standing]
    cards: Sequence[StandingCard]
    causes: Sequence[Cause]
    now: datetime
    may_ring: int
    place: Place
    number_of: Callable[[str], int | None]
    new_id: Callable[[], UUID]


class _Planner:
    def __init__(self, outlook: Outlook) -> None:
        self._outlook = outlook
        self._cards = {card.id: card for card in outlook.cards}
        self._groups = {(card.kind, card.element): card.id for card in outlook.cards if card.kind != SINGLE}
        self._target: dict[UUID, UUID] = {}
        self._forming: set[UUID] = set()
        self._rings = 0
        self.plan = Plan()

    def make(self) -> Plan:
        for cause in self._outlook.causes:
            self._group(cause)
        self._single_out([one for one in self._outlook.alarms if not one.over and one.id not in self._target])
        self._move()
        self._merge()
        return self.plan

    def _group(self, cause: Cause) -> None:
        """A cause's members go into its card; the most urgent keep their own, and so does what was taken apart."""
        alarms = [self._outlook.alarms[row] for row in cause.members.tolist()]
        members = [
            one
            for one in alarms
            if not (one.over or one.apart) and one.trade == cause.trade and one.priority > Priority.URGENT
        ]
        card_id = self._groups.get((cause.kind, cause.element))
        if not members or (card_id is None and len(members) < 2):
            return
        if card_id is None and self._is_forming(cause, members):
            self._forming.update(one.id for one in members)
            return
        kind_of_alarm = Counter(one.type for one in members).most_common(1)[0][0]
        explanation = {"key": f"cause.{cause.kind}", "values": cause.values}
        if card_id is None:
            first = self._outlook.alarms[cause.first]
            root = self._outlook.number_of(cause.twin) if cause.twin is not None else None
            card_id = self._add(
                kind=cause.kind,
                element=cause.element,
                type=kind_of_alarm,
                trade=cause.trade,
                twin_no=root,
                priority=cause.priority,
                first_alarm=first.id,
                expected=cause.expected,
                explanation=explanation,
                position=self._center(members) if root is None else self._outlook.place(root),
                raised_at=min(one.raised_at for one in (*members, first)),
            )
        elif card_id in self._cards:
            self._improve(self._cards[card_id], kind_of_alarm, cause, explanation)
        for one in members:
            self._target[one.id] = card_id

    def _is_forming(self, cause: Cause, members: Sequence[Standing]) -> bool:
        """Whether a small cause of minor alarms still grows."""
        if cause.kind not in SMALL_CAUSES or min(one.priority for one in members) <= Priority.HIGH:
            return False
        now = self._outlook.now
        raised = [one.raised_at for one in members]
        return now - max(raised) < FORMS_FOR and now - min(raised) < FORMS_AT_MOST

    def _improve(self, card: StandingCard, kind_of_alarm: str, cause: Cause, explanation: Mapping[str, Any]) -> None:
        wanted = (kind_of_alarm, cause.priority, cause.expected, dict(explanation))
        if wanted != (card.type, card.priority, card.expected, card.explanation):
            self.plan.changes.append(CardChange(card.id, *wanted))

    def _single_out(self, alarms: Sequence[Standing]) -> None:
        """What belongs to no cause keeps its card, or gets one of its own; a flood of minor ones shares one."""
        minor = []
        for one in alarms:
            if one.card_id in self._cards:
                continue
            if one.id in self._forming:
                self.plan.waits += 1
                continue
            if one.priority <= Priority.HIGH or one.apart:
                self._target[one.id] = self._add_single(one)
            elif one.raised_at + SETTLES_IN <= self._outlook.now:
                minor.append(one)
            else:
                self.plan.waits += 1
        minor.sort(key=lambda one: (one.priority, one.raised_at))
        for one in minor:
            ringing = self._rings < self._outlook.may_ring
            self._target[one.id] = self._add_single(one) if ringing else self._flood(one)

    def _flood(self, one: Standing) -> UUID:
        element = f"{one.trade}/{one.type}"
        card_id = self._groups.get((FLOOD, element))
        if card_id is not None:
            return card_id
        return self._add(
            kind=FLOOD,
            element=element,
            type=one.type,
            trade=one.trade,
            twin_no=None,
            priority=one.priority,
            first_alarm=one.id,
            expected={},
            explanation={"key": "cause.flood", "values": {"within_s": int(FLOOD_WINDOW.total_seconds())}},
            position=self._outlook.place(one.twin_no),
            raised_at=one.raised_at,
        )

    def _add_single(self, one: Standing) -> UUID:
        return self._add(
            kind=SINGLE,
            element=str(one.id),
            type=one.type,
            trade=one.trade,
            twin_no=one.twin_no,
            priority=one.priority,
            first_alarm=one.id,
            expected={},
            explanation={"key": "cause.single", "values": {}},
            position=self._outlook.place(one.twin_no),
            raised_at=one.raised_at,
        )

    def _add(self, **fields: Any) -> UUID:
        card = NewCard(id=self._outlook.new_id(), **fields)
        self.plan.new_cards.append(card)
        self._rings += 1
        if card.kind != SINGLE:
            self._groups[card.kind, card.element] = card.id
        return card.id

    def _center(self, alarms: Sequence[Standing]) -> tuple[float, float]:
        places = [self._outlook.place(one.twin_no) for one in alarms]
        return sum(lon for lon, _ in places) / len(places), sum(lat for _, lat in places) / len(places)

    def _move(self) -> None:
        for one in self._outlook.alarms:
            target = self._target.get(one.id)
            if target is not None and target != one.card_id:
                self.plan.moves.append(Move(one.id, one.card_id, target))

    def _merge(self) -> None:
        """A card whose alarms have all gone into others is merged into the one that got most of them."""
        left: dict[UUID, Counter[UUID]] = defaultdict(Counter)
        for move in self.plan.moves:
            if move.former in self._cards:
                left[move.former][move.card] += 1
        if not left:
            return
        moved = {move.alarm for move in self.plan.moves}
        stay = {one.card_id for one in self._outlook.alarms if not one.over and one.id not in moved}
        joined = {move.card for move in self.plan.moves}
        for card_id, targets in left.items():
            if card_id not in stay and card_id not in joined:
                self.plan.merges[card_id] = targets.most_common(1)[0][0]


def make_plan(outlook: Outlook) -> Plan:
    """What has to change so that each alarm that is not over stands in exactly one card; the same input, no more."""
    return _Planner(outlook).make()
