"""What must be true of every run, judged from outside: each commit as it happens, and the whole town in calm."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from ondijon.kernel.alarms import AlarmState
from ondijon.kernel.audit import GENESIS, AuditLine, chain_hash
from ondijon.kernel.clock import Clock, to_us
from ondijon.kernel.commands import TARGET_LAW, TargetState
from ondijon.kernel.field import FieldOrder
from tests.deterministic.field import UpMessage
from tests.deterministic.store import Key, MemoryStore, Record
from tests.deterministic.town import TWO_PERSONS_ABOVE

STEPS = {(before, after) for before, follows in TARGET_LAW.items() for after in follows}
"""Taken before anything is broken on purpose."""


class Broken(AssertionError):
    """An invariant did not hold."""


class Hold(Struct, frozen=True):
    """What a light is held at by whom, until when, by this file's own reckoning."""

    wanted: tuple[float | None, ...]
    until: datetime | None
    command_id: UUID


class Heard(Struct, frozen=True):
    """A light's own report, as it reached the post."""

    observed_us: int
    values: dict[str, float]


class Oracle:
    """Watches commits and messages; raises Broken with the invariant's name."""

    def __init__(self, clock: Clock, twin_nos: dict[str, int]) -> None:
        self._clock = clock
        self._twin_nos = twin_nos
        self._urns = {number: urn for urn, number in twin_nos.items()}
        self.known: dict[Key, Record] = {}
        self.heard: dict[str, list[Heard]] = {}
        self.newest: dict[tuple[str, str], tuple[int, float]] = {}
        self.holds: dict[int, Hold] = {}
        self._former: dict[UUID, dict[int, Hold | None]] = {}
        self._line: tuple[int, bytes] = (0, GENESIS)
        self.counts: dict[str, int] = {}
        self.store: MemoryStore | None = None

    def need(self, holds: bool, invariant: str, *about: object) -> None:
        """Raise Broken when an invariant does not hold."""
        if not holds:
            raise Broken(f"{invariant}: {', '.join(str(one) for one in about)} at {self._clock.now():%F %T.%f}")

    # What reaches the post.

    def offer(self, messages: Sequence[UpMessage]) -> None:
        """The post is about to take in these messages."""
        for message in messages:
            of_urn: dict[str, dict[str, float]] = {}
            for urn, key, value in message.readings:
                of_urn.setdefault(urn, {})[key] = value
            for urn, values in of_urn.items():
                self.heard.setdefault(urn, []).append(Heard(message.observed_us, values))

    def hear(self, messages: Sequence[UpMessage]) -> None:
        """The post has committed these messages."""
        for message in messages:
            for urn, key, value in message.readings:
                if message.observed_us > self.newest.get((urn, key), (0, 0.0))[0]:
                    self.newest[urn, key] = (message.observed_us, value)

    # What leaves it.

    def let_go(self, order: FieldOrder) -> None:
        """An order is about to leave for the field."""
        row = self.known.get(("commands", order.command_id))
        self.need(row is not None, "nothing leaves that is not in the rows", order.command_id)
        assert row is not None
        self.need(row["prepared_at"] is not None, "nothing leaves before its holds are taken", row["key"])
        if row["risk_class"] >= 3:
            second = row["approver"] is not None and row["approver"] != row["issuer"]
            self.need(second, "nothing of class 3 leaves without a second person", row["key"])
        people_s = not row["key"].startswith("post.")
        wide = len(self.known["command_targets", order.command_id]) > TWO_PERSONS_ABOVE
        self.need(not (people_s and wide) or row["risk_class"] >= 3, "wide orders are of class 3", row["key"])
        self.need(row["state"] not in ("rejected", "awaiting_approval"), "nothing leaves that was turned down", row)

    # What is committed.

    def on_commit(self, written: dict[Key, Record | None]) -> None:
        """Judge each change of a row, then remember it."""
        for (table, key), after in written.items():
            before = self.known.get((table, key))
            if table == "commands":
                self._judge_command(before, after, written)
            elif table == "command_targets":
                self._judge_targets(key, before or {}, after)
            elif table == "alarms":
                self._judge_alarm(before, after)
            elif table == "audit":
                self._judge_line(before, after)
        for place, row in written.items():
            if place[0] in ("commands", "command_targets", "alarms", "audit", "holds"):
                if row is None:
                    self.known.pop(place, None)
                else:
                    self.known[place] = row

    def _judge_command(self, before: Record | None, after: Record | None, written: dict[Key, Record | None]) -> None:
        self.need(after is not None, "no command is ever deleted")
        assert after is not None
        if before is None:
            twin = after["risk_class"] >= 3 and after["state"] != "awaiting_approval"
            self.need(not twin, "class 3 waits for a second person", after["key"])
            return
        judged = before["state"] == "awaiting_approval"
        for name in ("approver", "undone_by", "prepared_at"):
            said = before[name] is not None and before[name] != after[name]
            self.need(not said, f"{name} is said once", before[name], after[name])
        if before["state"] in ("rejected", "expired") and after["state"] != before["state"]:
            self.need(before["prepared_at"] is not None, "what was turned down stays so", before["state"], after)
        if after["approver"] is not None and before["approver"] is None:
            self.need(judged, "only what waits is judged", before["state"])
            self.need(after["approver"] != after["issuer"], "nobody judges their own order", after["issuer"])
        if before["prepared_at"] is None and after["prepared_at"] is not None:
            self._take_holds(after, written)

    def _judge_targets(self, command_id: UUID, before: Record, after: Record | None) -> None:
        self.need(after is not None, "no target is ever deleted")
        for twin_no, row in (after or {}).items():
            former = before.get(twin_no)
            if former is None or former["state"] == row["state"]:
                continue
            step = (TargetState(former["state"]), TargetState(row["state"]))
            self.need(step in STEPS, "a target follows its law", *step)
            self.count(step[1].name.lower())
            if step[1] == TargetState.CONFIRMED:
                asked_us = to_us(self.known["commands", command_id]["requested_at"])
                since_us = 0 if row["accepted_at"] is not None else asked_us
                own = self.has_shown(twin_no, row, since_us)
                self.need(own, "confirmed by its own report alone", self._urns[twin_no], row)

    def _judge_alarm(self, before: Record | None, after: Record | None) -> None:
        self.need(after is not None, "no alarm is ever deleted")
        assert after is not None
        if before is None:
            self.need(after["state"] == AlarmState.UNACKNOWLEDGED, "an alarm begins unacknowledged", after["state"])
            self.count("alarm")
            return
        gone = after["state"] == AlarmState.NORMAL and before["state"] != AlarmState.NORMAL
        if gone:
            seen = after["acknowledged_by"] is not None
            cleared = after["cleared_at"] is not None and after["cleared_at"] >= after["raised_at"]
            self.need(seen and cleared, "an alarm ends when it has cleared and a person has seen it", after)

    def _judge_line(self, before: Record | None, row: Record | None) -> None:
        self.need(before is None and row is not None, "the audit is only added to", before)
        assert row is not None
        number, previous = self._line
        names = ("line_no", "at", "actor", "act", "subject", "detail", "previous_hash")
        line = AuditLine(*(row[name] for name in names))
        chained = row["line_no"] == number + 1 and row["previous_hash"] == previous and row["hash"] == chain_hash(line)
        self.need(chained, "the audit is one chain", row["line_no"])
        self._line = (row["line_no"], row["hash"])

    # Holds, reckoned again from what people asked.

    def _take_holds(self, command: Record, written: dict[Key, Record | None]) -> None:
        targets = written.get(("command_targets", command["id"])) or self.known["command_targets", command["id"]]
        now = self._clock.now()
        hold_s = command["payload"].get("hold_s")
        if hold_s is not None:
            since = command["approved_at"] or command["requested_at"]
            lasts_s = (command["hold_until"] - since).total_seconds()
            self.need(lasts_s == hold_s, "a hold lasts as long as was asked", lasts_s, hold_s)
        former = self._former.setdefault(command["id"], {})
        for twin_no, target in targets.items():
            if target["state"] != TargetState.REQUESTED:
                continue
            held = self.holds.get(twin_no)
            former[twin_no] = held
            after = self._held_after(command, target, twin_no, held, now)
            if after is None:
                self.holds.pop(twin_no, None)
            else:
                self.holds[twin_no] = after
            self._compare(twin_no, written, now)

    def _held_after(
        self, command: Record, target: Record, twin_no: int, held: Hold | None, now: datetime
    ) -> Hold | None:
        if command["key"] == "post.reconcile":
            return held
        if command["key"] == "post.release":
            ended = held is None or (held.until is not None and held.until <= command["requested_at"])
            return None if ended else held
        if command["undo_of"] is not None:
            before = self._former.get(command["undo_of"], {}).get(twin_no)
            if before is None or (before.until is not None and before.until <= command["requested_at"]):
                return None
            return Hold(before.wanted, before.until, command["id"])
        if target["wanted"] is None:
            return None
        return Hold(tuple(target["wanted"]), command["hold_until"], command["id"])

    def _compare(self, twin_no: int, written: dict[Key, Record | None], now: datetime) -> None:
        key = ("holds", (twin_no, "level"))
        row = written[key] if key in written else self.known.get(key)
        mine = self.holds.get(twin_no)
        about = (self._urns[twin_no], mine, row)
        if mine is None or row is None:
            self.need(mine is None and row is None, "holds are what people asked for, in order", *about)
            return
        ended = mine.until is not None and mine.until <= now
        same = tuple(row["wanted"]) == mine.wanted and (row["until"] == mine.until or ended)
        self.need(same, "holds are what people asked for, in order", *about)

    def count(self, what: str, by: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + by

    def has_shown(self, twin_no: int, target: Record, since_us: int) -> bool:
        """Whether the light itself has shown what was wanted of it, by its own clock."""
        wanted: Sequence[Any] = target["wanted"] or (0.0, None)
        for heard in reversed(self.heard.get(self._urns[twin_no], [])):
            if heard.observed_us < since_us:
                continue
            reached = all(
                want is None or abs(heard.values.get(key, float("nan")) - want) <= near
                for key, want, near in zip(("control", "level_pct"), wanted, (0.0, 1.0), strict=True)
            )
            if reached:
                return True
        return False
