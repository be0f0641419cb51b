"""Runs the rules: each decision is kept with what it knew, and its acts go through the door as the automation's own."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID, uuid5

import msgspec
from msgspec import Struct

from ondijon.kernel.automation import Past, Performed, Rule, WantedAct
from ondijon.kernel.errors import EngineAway, OndijonError
from ondijon.kernel.events import Event
from ondijon.kernel.i18n import Catalogue
from ondijon.kernel.identity import THE_POST, Actor
from ondijon.kernel.privacy import DataClass, Privacy
from ondijon.kernel.room import Act, ActDesk, FollowerSpec, Holding, JobSpec, RoomManifest
from ondijon.runtime import automation_queries as queries

LOOK_EVERY = timedelta(seconds=1)
REGISTER = Privacy(DataClass.OPERATIONAL, "automation.purpose.register", 3 * 366)
# The namespace of automations' own ids: a fixed UUID, so that the same fact gives the same act in every process.
NAMESPACE = UUID("6f6e6469-6a6f-5e00-8000-6175746f6d61")


class Door(Protocol):
    """The part of the room's door that rules need."""

    async def perform(self, actor: Actor, act: Act) -> Any: ...


class Known(Struct, frozen=True):
    """What a decision knew: stored with it, so that it can be decided again."""

    event: Event
    thread: str | None
    past: tuple[Past, ...]


def actor_of(key: str) -> Actor:
    """Who an automation is to the audit: its own pseudonym, the post's own rights."""
    own = uuid5(NAMESPACE, key)
    return Actor(own, own, f"automation.{key}.name", f"automation.{key}", THE_POST.grants)


def decide_again(rule: Rule, known: Mapping[str, Any]) -> tuple[WantedAct, ...]:
    """What the rule wants, given a stored decision's input: the same as then, unless the rule has changed."""
    told = msgspec.convert(known, Known)
    return rule.decide(told.event, told.past)


class AutomationRunner:
    """All rules as one part of the room; `door` opens it before the first fact."""

    def __init__(self, rules: Sequence[Rule], words: Mapping[str, Catalogue]) -> None:
        self._rules = tuple(rules)
        self._words = words["fr"]
        self._actors = {rule.card.key: actor_of(rule.card.key) for rule in rules}
        self._ours = frozenset(actor.pseudonym for actor in self._actors.values())
        self.door: Door | None = None

    @property
    def part(self) -> RoomManifest:
        """Followers and jobs for the core role, and how long decisions are kept."""
        return RoomManifest(
            part="automation",
            followers=tuple(
                FollowerSpec(f"automation.{rule.card.key}", (*rule.keys, *rule.ended_by), self._follow(rule))
                for rule in self._rules
            ),
            jobs=tuple(
                JobSpec(f"automation.{rule.card.key}", LOOK_EVERY, self._look(rule))
                for rule in self._rules
                if rule.stands_s > 0
            ),
            holdings=(Holding("automation.decisions", "automation_decisions", (), "at", REGISTER),),
        )

    def _follow(self, rule: Rule) -> Callable[[ActDesk, list[Event]], Awaitable[None]]:
        async def follow(desk: ActDesk, events: list[Event]) -> None:
            for event in events:
                if event.actor not in self._ours:
                    await self._hear(rule, desk, event)

        return follow

    async def _hear(self, rule: Rule, desk: ActDesk, event: Event) -> None:
        key, subject = rule.card.key, event.subject or str(event.id)
        if event.key.startswith(rule.ended_by):
            await queries.stop_waiting(desk.tx, key, subject)
        elif rule.stands_s > 0:
            if rule.decide(event, ()):
                due_at = event.at + timedelta(seconds=rule.stands_s)
                await queries.wait(desk.tx, key, subject, due_at, msgspec.to_builtins(event))
        else:
            await self._decide(rule, desk, event)

    def _look(self, rule: Rule) -> Callable[[ActDesk], Awaitable[None]]:
        async def look(desk: ActDesk) -> None:
            for row in await queries.take_due(desk.tx, rule.card.key, desk.now):
                await self._decide(rule, desk, msgspec.convert(row["event"], Event))

        return look

    async def _decide(self, rule: Rule, desk: ActDesk, event: Event) -> None:
        known = await self._learn(rule, desk, event)
        wanted = rule.decide(event, known.past)
        if not wanted:
            return
        key, actor = rule.card.key, self._actors[rule.card.key]
        await queries.add_actor(desk.tx, actor, self._words.get(actor.name, actor.username), desk.now)
        performed = [
            await self._perform(actor, act, uuid5(event.id, f"{key}/{place}")) for place, act in enumerate(wanted)
        ]
        outcome = {"wanted": msgspec.to_builtins(wanted), "performed": msgspec.to_builtins(performed)}
        decision = uuid5(event.id, key)
        facts = (decision, key, rule.card.version, desk.now, event.trade, event.commune)
        await queries.insert_decision(desk.tx, (*facts, msgspec.to_builtins(known), outcome))

    async def _learn(self, rule: Rule, desk: ActDesk, event: Event) -> Known:
        if rule.thread is None:
            return Known(event, None, ())
        thread = rule.thread(event)
        rows = await queries.list_past(desk.tx, rule.card.key, thread, desk.now - timedelta(seconds=rule.remembers_s))
        past = tuple(Past(row["at"], msgspec.convert(row["performed"], tuple[Performed, ...])) for row in rows)
        return Known(event, thread, past)

    async def _perform(self, actor: Actor, act: WantedAct, idempotency_key: UUID) -> Performed:
        """Through the door like anybody's; a refusal is kept, and what else was wanted then is tried."""
        if self.door is None:
            raise AssertionError("the rules run before the door is open")
        try:
            result = await self.door.perform(actor, Act(act.key, act.payload, idempotency_key))
        except EngineAway:
            raise
        except OndijonError as refusal:
            if act.otherwise is not None:
                return await self._perform(actor, act.otherwise, uuid5(idempotency_key, "otherwise"))
            return Performed(act, None, refusal.key)
        return Performed(act, result if isinstance(result, dict) else None)
