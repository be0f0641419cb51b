"""The runtime broken on purpose, one law at a time: a harness that notices none of these proves nothing."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any
from unittest.mock import patch
from uuid import UUID

import numpy as np

from ondijon.kernel.alarms import ALARM_LAW, AlarmState, AlarmStep
from ondijon.kernel.arrays import Bools
from ondijon.kernel.commands import RiskClass
from ondijon.kernel.errors import Refused
from ondijon.kernel.identity import Actor
from ondijon.kernel.ports import Row, Transaction
from ondijon.kernel.readings import Columns, ReadingBatch
from ondijon.runtime import field_queries, post, programme_keeper, projector, targets
from ondijon.runtime.alarm_desk import AlarmDesk
from ondijon.runtime.dispatcher import Dispatcher
from ondijon.runtime.post import CommandPost
from ondijon.runtime.reconciler import Reconciler
from ondijon.runtime.tracker import Tracker

Breakage = Callable[[], AbstractContextManager[Any]]


def _nothing(*arguments: Any, **named: Any) -> None:
    return None


async def _nothing_awaited(*arguments: Any, **named: Any) -> list[Any]:
    return []


def _last_arrived_wins(columns: Columns, batch: ReadingBatch) -> Bools:
    columns.value[batch.property_index, batch.row] = batch.value
    columns.observed_us[batch.property_index, batch.row] = batch.observed_us
    columns.received_us[batch.property_index, batch.row] = batch.received_us
    return np.ones(len(batch), np.bool_)


def _all_reached(tracker: Tracker, waiting: Any, twin_type: str, rows: Any, accepted: Bools) -> Bools:
    return np.ones(len(rows), np.bool_)


def _all_reversible(base: RiskClass, count: int) -> RiskClass:
    return RiskClass.REVERSIBLE


async def _anybody_judges(door: CommandPost, tx: Transaction, actor: Actor, command_id: UUID) -> Row:
    row = await door._get_commandable(tx, actor, command_id, "approve")
    if row["state"] != "awaiting_approval":
        raise Refused("error.not_awaiting")
    return row


def _former_for_ever(target: Row, now: datetime) -> Sequence[float | None] | None:
    former: Sequence[float | None] | None = target["former"]
    return former


BREAKAGES: dict[str, Breakage] = {
    "of two who undo both win": lambda: patch.object(post, "_must_be_undoable", _nothing),
    "undo gives back the programme only": lambda: patch.object(post, "_still_to_hold", _nothing),
    "undo brings back what had ended": lambda: patch.object(post, "_still_to_hold", _former_for_ever),
    "a wide order needs nobody else": lambda: patch.object(targets, "classify", _all_reversible),
    "anybody judges their own order": lambda: patch.object(CommandPost, "_get_awaiting", _anybody_judges),
    "holds never end": lambda: patch.object(field_queries, "lease_ended_holds", _nothing_awaited),
    "the post's own orders outlive people's": lambda: patch.object(field_queries, "_drop_outdated", _nothing_awaited),
    "the last to arrive wins": lambda: patch.object(projector, "evolve_batch", _last_arrived_wins),
    "any report confirms": lambda: patch.object(Tracker, "_reached", _all_reached),
    "a restart forgets orders": lambda: patch.object(Dispatcher, "restore", _nothing_awaited),
    "a restart forgets alarms": lambda: patch.object(AlarmDesk, "restore", _nothing),
    "a restart forgets running delays": lambda: patch.object(AlarmDesk, "look_again", _nothing),
    "a restart forgets readings": lambda: patch.object(field_queries, "list_readings_since", _nothing_awaited),
    "an alarm that clears is over": lambda: patch.dict(
        ALARM_LAW, {(AlarmState.UNACKNOWLEDGED, AlarmStep.CLEAR): AlarmState.NORMAL}
    ),
    "nobody is brought back": lambda: patch.object(Reconciler, "reconcile", _nothing_awaited),
    "programmes stay where they are": lambda: patch.object(programme_keeper, "list_unlike", _nothing_awaited),
}
