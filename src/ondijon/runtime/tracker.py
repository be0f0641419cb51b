"""The tracker knows which targets await a word from the field, and what that word must be."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Bools, Floats, Ints8, Ints32, Ints64
from ondijon.kernel.city import City
from ondijon.kernel.commands import OPEN_TARGET_STATES, TARGET_LAW, TargetState
from ondijon.kernel.field import Acknowledgement
from ondijon.kernel.manifest import HoldGroup
from ondijon.kernel.readings import ReadingBatch

NO_SLOT = -1
_OPEN = [int(state) for state in OPEN_TARGET_STATES]
_AWAITING = [*_OPEN, int(TargetState.UNKNOWN)]


class TargetChange(Struct, frozen=True, eq=False):
    """Targets of one command that went to one state."""

    command_id: UUID
    twin_type: str
    rows: Ints32
    state: TargetState
    reason: str | None = None


class Tracked(Struct):
    """An open command: its targets' rows and states, and when the field must have answered."""

    command_id: UUID
    twin_type: str
    hold_group: str
    deadline_us: int
    rows: Ints32
    states: Ints8

    def counts(self) -> Counter[TargetState]:
        numbers = np.bincount(self.states, minlength=len(TargetState))
        return Counter({state: int(numbers[state]) for state in TargetState if numbers[state]})

    def is_open(self) -> bool:
        return bool(np.isin(self.states, _OPEN).any())


class _Waiting:
    """What each row of one (type, hold group) waits for; shape (properties of the group, rows)."""

    def __init__(self, group: HoldGroup, property_rows: Sequence[int], rows: int) -> None:
        self.group = group
        self.property_rows = np.array(property_rows, np.int64)
        self.tolerance = np.array([group.tolerance.get(key, 0.0) for key in group.properties])
        self.slot: Ints32 = np.full(rows, NO_SLOT, np.int32)
        self.place: Ints32 = np.zeros(rows, np.int32)
        self.wanted: Floats = np.full((len(group.properties), rows), np.nan)
        self.sent_us: Ints64 = np.zeros(rows, np.int64)


class Tracker:
    """One row of one hold group waits for one command at most: the newest."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._waiting: dict[tuple[str, str], _Waiting] = {}
        self._slots: dict[int, Tracked] = {}
        self._next_slot = 0
        self._settled: set[UUID] = set()
        self._slot_of: dict[UUID, int] = {}
        for spec in city.types.values():
            columns = city.columns[spec.key]
            for group in spec.hold_groups:
                places = [columns.property_index[key] for key in group.properties]
                self._waiting[spec.key, group.key] = _Waiting(group, places, columns.rows)

    def find(self, command_id: UUID) -> Tracked | None:
        slot = self._slot_of.get(command_id)
        return None if slot is None else self._slots[slot]

    def open_commands(self) -> list[Tracked]:
        return [self._slots[slot] for slot in self._slot_of.values()]

    def track(
        self, command: Tracked, wanted: Floats, sent_us: int, overtaken: Bools | None = None
    ) -> list[TargetChange]:
        """Wait for a command's targets, and return the targets of older commands that this one supersedes.

        wanted: shape (properties of the group, targets), NaN = not asked for; overtaken: targets that a later order
        has taken over, whose late word is no news any more.
        """
        waiting = self._waiting[command.twin_type, command.hold_group]
        slot = self._next_slot
        self._next_slot += 1
        self._slots[slot] = command
        self._slot_of[command.command_id] = slot
        live = np.isin(command.states, _AWAITING)
        if overtaken is not None:
            live &= ~overtaken
        rows = command.rows[live]
        superseded = self._supersede(waiting, rows)
        waiting.slot[rows] = slot
        waiting.place[rows] = np.flatnonzero(live).astype(np.int32)
        waiting.wanted[:, rows] = wanted[:, live]
        waiting.sent_us[rows] = sent_us
        return superseded

    def move(self, command_id: UUID, rows: Ints32, state: TargetState, reason: str | None = None) -> list[TargetChange]:
        """Move targets of one command, where the law allows it."""
        command = self.find(command_id)
        if command is None:
            return []
        waiting = self._waiting[command.twin_type, command.hold_group]
        mine = rows[waiting.slot[rows] == self._slot_of[command_id]]
        return self._move_places(command, waiting.place[mine], state, reason)

    def acknowledge(
        self, words: Sequence[Acknowledgement], rows_of_gateway: dict[tuple[str, str], Ints32]
    ) -> list[TargetChange]:
        """Take the gateways' words on commands; `rows_of_gateway` by (twin type, gateway)."""
        changes: list[TargetChange] = []
        for word in words:
            command = self.find(word.command_id)
            if command is None:
                continue
            rows = np.array(word.rows, np.int32)
            if not word.rows:
                rows = rows_of_gateway.get((command.twin_type, word.gateway), rows)
            state = {
                "accepted": TargetState.ACCEPTED,
                "refused": TargetState.REFUSED,
                "expired": TargetState.EXPIRED,
            }[word.status]
            reason = None if word.status == "accepted" else f"post.target.device_{word.status}"
            changes += self.move(word.command_id, rows, state, reason)
        return merge_changes(changes)

    def confirm(self, batch: ReadingBatch, touched: Ints32) -> list[TargetChange]:
        """Which targets now show the wanted state, by reports received after the sending."""
        changes: list[TargetChange] = []
        for (twin_type, _), waiting in self._waiting.items():
            if twin_type != batch.twin_type:
                continue
            rows = touched[waiting.slot[touched] != NO_SLOT]
            for slot in np.unique(waiting.slot[rows]).tolist():
                command, mine = self._slots[slot], rows[waiting.slot[rows] == slot]
                accepted = command.states[waiting.place[mine]] == int(TargetState.ACCEPTED)
                reached = mine[self._reached(waiting, twin_type, mine, accepted)]
                moved = self._move_places(command, waiting.place[reached], TargetState.CONFIRMED, None)
                for change in moved:
                    waiting.slot[change.rows] = NO_SLOT
                changes += moved
        return changes

    def overdue(self, now_us: int) -> list[TargetChange]:
        """Targets that the field has not answered in time are unknown; never sent ones are expired."""
        changes: list[TargetChange] = []
        for command in self.open_commands():
            if now_us < command.deadline_us:
                continue
            for state, end, reason in (
                (TargetState.REQUESTED, TargetState.EXPIRED, "post.target.not_sent"),
                (TargetState.SENT, TargetState.UNKNOWN, "post.target.silent"),
                (TargetState.ACCEPTED, TargetState.UNKNOWN, "post.target.silent"),
            ):
                places = np.flatnonzero(command.states == int(state))
                changes += self._move_places(command, places, end, reason)
        return changes

    def forget_settled(self) -> None:
        """Drop the commands that no row waits for any more (unknown targets still wait to be reconciled).

        Only at the second look: a change of theirs may still wait for its turn to be written, with their counts.
        """
        in_use: set[int] = set()
        for waiting in self._waiting.values():
            in_use.update(np.unique(waiting.slot).tolist())
        settled = {
            command_id
            for command_id, slot in self._slot_of.items()
            if slot not in in_use and not self._slots[slot].is_open()
        }
        for command_id in settled & self._settled:
            del self._slots[self._slot_of.pop(command_id)]
        self._settled = settled

    def _reached(self, waiting: _Waiting, twin_type: str, rows: Ints32, accepted: Bools) -> Bools:
        """Which rows show what they wait for, by reports that came after the sending.

        Before the gateway's own word, they must also have been observed after it: a report that was long under way
        says nothing of the order. After its word its clock need not be right.
        """
        columns = self._city.columns[twin_type]
        wanted = waiting.wanted[:, rows]
        value = columns.value[waiting.property_rows[:, None], rows]
        heard = columns.received_us[waiting.property_rows[:, None], rows] >= waiting.sent_us[rows]
        heard &= accepted | (columns.observed_us[waiting.property_rows[:, None], rows] >= waiting.sent_us[rows])
        near = np.abs(value - wanted) <= waiting.tolerance[:, None]
        reached: Bools = np.all(np.isnan(wanted) | (near & heard), axis=0)
        return reached

    def _supersede(self, waiting: _Waiting, rows: Ints32) -> list[TargetChange]:
        changes: list[TargetChange] = []
        held = rows[waiting.slot[rows] != NO_SLOT]
        for slot in np.unique(waiting.slot[held]).tolist():
            places = waiting.place[held[waiting.slot[held] == slot]]
            changes += self._move_places(self._slots[slot], places, TargetState.FAILED, "post.target.superseded")
        return changes

    def _move_places(
        self, command: Tracked, places: Ints32 | Ints64, state: TargetState, reason: str | None
    ) -> list[TargetChange]:
        allowed = [int(former) for former, following in TARGET_LAW.items() if state in following]
        moved = places[np.isin(command.states[places], allowed)]
        if not len(moved):
            return []
        command.states[moved] = int(state)
        return [TargetChange(command.command_id, command.twin_type, command.rows[moved], state, reason)]


def merge_changes(changes: Sequence[TargetChange]) -> list[TargetChange]:
    """Join changes that differ only in their rows."""
    joined: dict[tuple[UUID, str, TargetState, str | None], list[Ints32]] = {}
    for change in changes:
        key = (change.command_id, change.twin_type, change.state, change.reason)
        joined.setdefault(key, []).append(change.rows)
    return [
        TargetChange(command_id, twin_type, np.concatenate(rows), state, reason)
        for (command_id, twin_type, state, reason), rows in joined.items()
    ]
