"""The one door: every act is authorised, recorded with its audit line in one transaction, and only then done."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Ints32
from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock
from ondijon.kernel.commands import (
    Command,
    CommandRequest,
    CommandState,
    DryRun,
    Payload,
    Precondition,
    RiskClass,
    Selection,
    TargetState,
    classify,
    summarise,
)
from ondijon.kernel.errors import NotAllowed, NotFound, Refused
from ondijon.kernel.identity import THE_POST, Actor, require
from ondijon.kernel.ids import IdSource
from ondijon.kernel.ports import Bus, Row, Rows, Transaction
from ondijon.runtime import post_queries as queries
from ondijon.runtime.audit_log import append_audit
from ondijon.runtime.command_facts import facts_of_judgement, facts_of_request
from ondijon.runtime.room_queries import insert_events
from ondijon.runtime.targets import as_lists, describe, plan_request

COMMAND_SUBJECT = "ondijon.command"
NUDGE_SUBJECT = "ondijon.command.nudge"
APPROVAL_WINDOW = timedelta(minutes=15)
QUICK_UNDO = timedelta(minutes=15)
MOST_SHOWN_IDS = 100
Wanted = Sequence[Sequence[float | None] | None]


class Draft(Struct, frozen=True, eq=False):
    """A command about to be written: everything but its id."""

    key: str
    twin_type: str
    hold_group: str
    rows: Ints32
    states: list[int]
    reasons: list[str | None]
    wanted: Wanted
    risk_class: RiskClass
    communes: tuple[str, ...]
    reason: str
    payload: Payload
    selection: Selection
    precondition: Precondition | None
    expires_s: int
    hold_s: int | None
    idempotency_key: UUID
    undo_of: UUID | None = None


class CommandPost:
    """The post's door over the rows, for any process that has the city in memory."""

    def __init__(self, city: City, rows: Rows, bus: Bus, clock: Clock, ids: IdSource) -> None:
        self._city = city
        self._rows = rows
        self._bus = bus
        self._clock = clock
        self._ids = ids

    async def dry_run(self, actor: Actor, request: CommandRequest) -> DryRun:
        """What the request would do; raises what `submit` would raise."""
        return describe(self._city, plan_request(self._city, self._clock, actor, request))

    async def submit(self, actor: Actor, request: CommandRequest) -> Command:
        """Record a command; the same idempotency key again gives the same command back."""
        known = await queries.find_by_idempotency_key(self._rows, request.idempotency_key)
        if known is not None:
            return self._own(actor, known)
        plan = plan_request(self._city, self._clock, actor, request)
        refused = plan.refusal >= 0
        draft = Draft(
            key=request.key,
            twin_type=plan.twin_type,
            hold_group=plan.spec.hold_group,
            rows=plan.rows,
            states=np.where(refused, int(TargetState.REFUSED), int(TargetState.REQUESTED)).tolist(),
            reasons=[plan.refusal_keys[index] if index >= 0 else None for index in plan.refusal.tolist()],
            wanted=as_lists(plan.wanted, len(plan.rows)),
            risk_class=plan.risk_class,
            communes=plan.communes,
            reason=request.reason.strip(),
            payload=request.payload,
            selection=_short(request.targets),
            precondition=request.precondition,
            expires_s=request.expires_s,
            hold_s=plan.hold_s,
            idempotency_key=request.idempotency_key,
        )
        return await self._record(actor, draft)

    async def restore(
        self, key: str, reason: str, twin_type: str, hold_group: str, rows: Ints32, wanted: Wanted, expires_s: int
    ) -> Command:
        """The post's own order to bring devices back to what is held, or to their programme."""
        codes = np.unique(self._city.twins[twin_type].commune[rows]).tolist()
        draft = Draft(
            key=key,
            twin_type=twin_type,
            hold_group=hold_group,
            rows=rows,
            states=[int(TargetState.REQUESTED)] * len(rows),
            reasons=[None] * len(rows),
            wanted=wanted,
            risk_class=RiskClass.REVERSIBLE,
            communes=tuple(self._city.commune_codes[code] for code in codes),
            reason=reason,
            payload={},
            selection=Selection("twins"),
            precondition=None,
            expires_s=expires_s,
            hold_s=None,
            idempotency_key=self._ids.new_id(),
        )
        return await self._record(THE_POST, draft)

    async def approve(self, actor: Actor, command_id: UUID) -> Command:
        """Let a command go that awaits a second person; raises NotAllowed to its own author."""
        async with self._rows.transaction() as tx:
            row = await self._get_awaiting(tx, actor, command_id)
            now = self._clock.now()
            expires_at = now + timedelta(seconds=row["expires_s"])
            await queries.set_approved(tx, command_id, actor.pseudonym, actor.name, now, expires_at)
            await insert_events(tx, facts_of_judgement("command.approved", self._ids, actor, row, now))
            await self._audit(tx, actor, "command.approved", str(command_id), {"key": row["key"]})
        await self._tell(command_id)
        return await self._get(command_id)

    async def reject(self, actor: Actor, command_id: UUID, reason: str) -> Command:
        """Turn down a command that awaits a second person."""
        async with self._rows.transaction() as tx:
            row = await self._get_awaiting(tx, actor, command_id)
            now = self._clock.now()
            await queries.set_rejected(tx, command_id, actor.pseudonym, actor.name, now)
            await insert_events(tx, facts_of_judgement("command.rejected", self._ids, actor, row, now))
            detail = {"key": row["key"], "reason": reason}
            await self._audit(tx, actor, "command.rejected", str(command_id), detail)
        await self._tell(command_id)
        return await self._get(command_id)

    async def undo(self, actor: Actor, command_id: UUID, reason: str, idempotency_key: UUID) -> Command:
        """Give each target back what it was held at before, unless another order has taken it over since."""
        known = await queries.find_by_idempotency_key(self._rows, idempotency_key)
        if known is not None:
            return self._own(actor, known)
        async with self._rows.transaction() as tx:
            former = await self._get_commandable(tx, actor, command_id, "command")
            # Looked for again behind the row's lock: of two who undo at once one wins, a double click is no second one.
            if await queries.find_by_idempotency_key(tx, idempotency_key) is None:
                _must_be_undoable(former)
                targets = await queries.list_undo_targets(tx, command_id, former["hold_group"])
                await self._write(tx, actor, self._undo_draft(former, targets, reason, idempotency_key))
        return await self._told(actor, idempotency_key)

    async def record_act(self, actor: Actor, act: str, subject: str, detail: dict[str, Any]) -> None:
        """Write the audit line of an act that is not a command (a sign-in, a view, an export)."""
        async with self._rows.transaction() as tx:
            await self._audit(tx, actor, act, subject, detail)

    async def _audit(self, tx: Transaction, actor: Actor, act: str, subject: str, detail: dict[str, Any]) -> None:
        await append_audit(tx, self._clock, actor.pseudonym, act, subject, detail)

    async def _record(self, actor: Actor, draft: Draft) -> Command:
        async with self._rows.transaction() as tx:
            await self._write(tx, actor, draft)
        return await self._told(actor, draft.idempotency_key)

    async def _write(self, tx: Transaction, actor: Actor, draft: Draft) -> None:
        row = self._draft_row(actor, draft)
        if await queries.insert_command(tx, row):
            numbers = self._city.twins[draft.twin_type].twin_no[draft.rows]
            await queries.insert_targets(tx, row["id"], numbers, draft.states, draft.reasons, draft.wanted)
            if draft.undo_of is not None:
                await queries.set_undone(tx, draft.undo_of, row["id"])
            await insert_events(tx, facts_of_request(self._city, self._ids, actor, row, draft.rows))
            detail = {"key": draft.key, "targets": len(draft.rows), "reason": draft.reason}
            await self._audit(tx, actor, "command.requested", str(row["id"]), detail)

    def _draft_row(self, actor: Actor, draft: Draft) -> dict[str, Any]:
        if draft.risk_class >= RiskClass.VISIBLE and not draft.reason:
            raise Refused("error.reason_needed")
        command_id, now = self._ids.new_id(), self._clock.now()
        waits = draft.risk_class >= RiskClass.TWO_PERSONS
        counts = Counter(TargetState(state) for state in draft.states)
        state = CommandState.AWAITING_APPROVAL if waits else summarise(dict(counts))
        lasts = (
            max(timedelta(seconds=draft.expires_s), APPROVAL_WINDOW) if waits else timedelta(seconds=draft.expires_s)
        )
        return {
            "id": command_id,
            "idempotency_key": draft.idempotency_key,
            "key": draft.key,
            "trade": self._city.trade_of[draft.twin_type],
            "twin_type": draft.twin_type,
            "hold_group": draft.hold_group,
            "state": state.value,
            "reason": draft.reason,
            "payload": draft.payload,
            "selection": msgspec.to_builtins(draft.selection),
            "precondition": msgspec.to_builtins(draft.precondition),
            "risk_class": int(draft.risk_class),
            "issuer": actor.pseudonym,
            "issuer_name": actor.name,
            "requested_at": now,
            "expires_s": draft.expires_s,
            "expires_at": now + lasts,
            "hold_until": None if draft.hold_s is None else now + timedelta(seconds=draft.hold_s),
            "undo_of": draft.undo_of,
            "communes": list(draft.communes),
            "counts": {state.name.lower(): number for state, number in counts.items()},
        }

    async def _told(self, actor: Actor, idempotency_key: UUID) -> Command:
        stored = await queries.find_by_idempotency_key(self._rows, idempotency_key)
        assert stored is not None
        command = self._own(actor, stored)
        await self._tell(command.id)
        return command

    def _undo_draft(self, former: Row, targets: Sequence[Row], reason: str, key: UUID) -> Draft:
        twins = self._city.twins[former["twin_type"]]
        row_of_no = {int(number): row for row, number in enumerate(twins.twin_no.tolist())}
        now = self._clock.now()
        chosen = [
            (row_of_no[target["twin_no"]], _still_to_hold(target, now))
            for target in targets
            if target["twin_no"] in row_of_no
            and (target["holder"] == former["id"] or (target["released"] and target["holder"] is None))
        ]
        if not chosen:
            raise Refused("error.not_undoable")
        quick = now - former["requested_at"] <= QUICK_UNDO
        risk = RiskClass.VISIBLE if quick else classify(RiskClass.VISIBLE, len(chosen))
        return Draft(
            key="post.undo",
            twin_type=former["twin_type"],
            hold_group=former["hold_group"],
            rows=np.array([row for row, _ in chosen], np.int32),
            states=[int(TargetState.REQUESTED)] * len(chosen),
            reasons=[None] * len(chosen),
            wanted=[wanted for _, wanted in chosen],
            risk_class=risk,
            communes=tuple(former["communes"]),
            reason=reason.strip(),
            payload={},
            selection=Selection("twins"),
            precondition=None,
            expires_s=max(int(former["expires_s"]), 3_600),
            hold_s=None,
            idempotency_key=key,
            undo_of=former["id"],
        )

    async def _get_awaiting(self, tx: Transaction, actor: Actor, command_id: UUID) -> Row:
        row = await self._get_commandable(tx, actor, command_id, "approve")
        if row["state"] != CommandState.AWAITING_APPROVAL:
            raise Refused("error.not_awaiting")
        if row["issuer"] == actor.pseudonym:
            raise NotAllowed("error.self_approval")
        if row["expires_at"] <= self._clock.now():
            raise Refused("error.command_expired")
        return row

    async def _get_commandable(self, tx: Transaction, actor: Actor, command_id: UUID, verb: Any) -> Row:
        row = await queries.find_command(tx, command_id, lock=True)
        if row is None or not any(actor.may("see", row["trade"], insee) for insee in row["communes"]):
            raise NotFound("error.command_not_found")
        for insee in row["communes"]:
            require(actor, verb, row["trade"], insee)
        return row

    def _own(self, actor: Actor, row: Row) -> Command:
        if row["issuer"] != actor.pseudonym:
            raise Refused("error.bad_selection")
        return queries.to_command(row)

    async def _get(self, command_id: UUID) -> Command:
        row = await queries.find_command(self._rows, command_id)
        if row is None:
            raise NotFound("error.command_not_found")
        return queries.to_command(row)

    async def _tell(self, command_id: UUID) -> None:
        payload = msgspec.json.encode({"id": command_id})
        await self._bus.publish(NUDGE_SUBJECT, payload)
        await self._bus.publish(COMMAND_SUBJECT, payload)


def _must_be_undoable(row: Row) -> None:
    if row["undone_by"] is not None:
        raise Refused("error.already_undone")
    if row["state"] in (CommandState.AWAITING_APPROVAL, CommandState.REJECTED, CommandState.REQUESTED):
        raise Refused("error.not_undoable")


def _still_to_hold(target: Row, now: datetime) -> list[float | None] | None:
    """What a target was held at before, unless that hold would have ended by now: then its programme."""
    former: list[float | None] | None = target["former"]
    until: datetime | None = target["former_until"]
    return None if until is not None and until <= now else former


def _short(selection: Selection) -> Selection:
    """A selection to be kept with the command: a long list of names is already kept as its targets."""
    return Selection(selection.kind, selection.ids[:MOST_SHOWN_IDS], selection.rings)
