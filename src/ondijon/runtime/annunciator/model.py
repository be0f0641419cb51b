"""What the annunciator reads and what it decides."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

# IEC 62682 / EEMUA 191: more than 10 annunciations in 10 minutes for one operator are a flood.
FLOOD_ABOVE = 10
FLOOD_WINDOW = timedelta(minutes=10)
# A burst is to be grouped before its first line is shown; priorities 1 and 2 do not wait.
SETTLES_IN = timedelta(seconds=2.5)
# A small cause of minor alarms waits until it has not grown for two seconds, because it may be part of a wider one; for
# 10 s at most.
FORMS_FOR, FORMS_AT_MOST = timedelta(seconds=2), timedelta(seconds=10)
SMALL_CAUSES = ("circuit", "phase", "cabinet", "area")
# Who acknowledged a cause has acknowledged what belongs to it and comes within this time.
INHERITS_FOR = timedelta(minutes=5)
# How long an alarm that is over still tells a grouping something.
OVER_KEPT = timedelta(minutes=5)
SINGLE, FLOOD = "single", "flood"


class Standing(Struct, frozen=True):
    """A raw alarm that is not over, or not for long; cleared_at None: its condition stands."""

    id: UUID
    type: str
    trade: str
    twin_no: int
    commune: str
    priority: int
    raised_at: datetime
    cleared_at: datetime | None
    over: bool
    card_id: UUID | None
    apart: bool


class StandingCard(Struct, frozen=True):
    """A card that is neither over nor merged."""

    id: UUID
    kind: str
    element: str
    type: str
    trade: str
    priority: int
    expected: dict[str, int]
    explanation: dict[str, Any]


class NewCard(Struct, frozen=True):
    """A card to be made."""

    id: UUID
    kind: str
    element: str
    type: str
    trade: str
    twin_no: int | None
    priority: int
    first_alarm: UUID
    expected: dict[str, int]
    explanation: dict[str, Any]
    position: tuple[float, float]
    raised_at: datetime


class CardChange(Struct, frozen=True):
    """What is known better of a cause that stands already."""

    id: UUID
    type: str
    priority: int
    expected: dict[str, int]
    explanation: dict[str, Any]


class Move(Struct, frozen=True):
    """An alarm goes from a card (None: from nowhere) into another."""

    alarm: UUID
    former: UUID | None
    card: UUID


class Plan(Struct):
    """What one round changes; waits: alarms that are not shown yet because they may be part of something."""

    new_cards: list[NewCard] = []
    changes: list[CardChange] = []
    moves: list[Move] = []
    merges: dict[UUID, UUID] = {}
    waits: int = 0

    def __bool__(self) -> bool:
        return any((self.new_cards, self.changes, self.moves, self.merges))

    def touched(self) -> set[UUID]:
        """Cards whose numbers this plan changes."""
        found = {card.id for card in self.new_cards} | {change.id for change in self.changes} | set(self.merges)
        for move in self.moves:
            found.add(move.card)
            if move.former is not None:
                found.add(move.former)
        return found
