"""What people do at their consoles, and what they were answered: a ledger that knows nothing of the rows."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from msgspec import Struct

from ondijon.kernel.commands import Command, CommandRequest, Payload, Selection
from ondijon.kernel.errors import EngineAway, OndijonError
from ondijon.kernel.identity import Actor
from ondijon.kernel.room import Act
from tests.deterministic.processes import Post
from tests.deterministic.town import ANNE, BOB, GATEWAYS, LIGHTS_A_GATEWAY, LUC, PEOPLE, cabinet, light

PATIENCE_S = 12.0
TRIES = 6
DIM, RELEASE, SWITCH = (f"lighting.{key}_streetlights" for key in ("dim", "release", "switch"))


class Answer(Struct, frozen=True):
    """How an intent ended for the person: `command` when it was done, `told` when it was refused, else nothing."""

    what: str
    actor: str
    key: UUID
    command: UUID | None = None
    told: str = ""


class People:
    """Draws acts and performs them through the post's door, again with the same key when no answer came."""

    def __init__(self, post: Post, chance: random.Random, note: Callable[..., None]) -> None:
        self._post = post
        self._chance = chance
        self._note = note
        self.answers: list[Answer] = []
        self.known: list[UUID] = []
        self.busy = 0

    def new_key(self) -> UUID:
        return UUID(int=self._chance.getrandbits(128))

    async def ask(self) -> None:
        """Ask for a command; now and then by a double click."""
        actor = self._chance.choice(PEOPLE)
        request = self._draw_request()
        clicks = 2 if self._chance.random() < 0.2 else 1
        calls = [
            self._insist("ask", actor, request.idempotency_key, lambda: self._post.commands.submit(actor, request))
            for _ in range(clicks)
        ]
        await asyncio.gather(*calls)

    async def judge(self, command_id: UUID) -> None:
        """Two people judge one order at once, as they please."""
        await asyncio.gather(*(self._judge_one(actor, command_id) for actor in (ANNE, BOB)))

    async def _judge_one(self, actor: Actor, command_id: UUID) -> None:
        key = self.new_key()
        if self._chance.random() < 0.7:
            await self._insist("approve", actor, key, lambda: self._post.commands.approve(actor, command_id))
        else:
            await self._insist("reject", actor, key, lambda: self._post.commands.reject(actor, command_id, "non"))

    async def undo(self, command_id: UUID) -> None:
        """One or two people undo one command at once."""
        people = (ANNE, BOB) if self._chance.random() < 0.5 else (self._chance.choice(PEOPLE),)
        await asyncio.gather(*(self._undo_one(actor, command_id) for actor in people))

    async def _undo_one(self, actor: Actor, command_id: UUID) -> None:
        key = self.new_key()
        await self._insist("undo", actor, key, lambda: self._post.commands.undo(actor, command_id, "annuler", key))

    async def acknowledge(self, alarms: list[UUID]) -> None:
        """Take note of alarms."""
        actor, key = self._chance.choice((ANNE, BOB)), self.new_key()
        act = Act("alarms.acknowledge", {"alarms": [str(one) for one in alarms]}, key)
        await self._insist("acknowledge", actor, key, lambda: self._post.door.perform(actor, act))

    async def _insist(self, what: str, actor: Actor, key: UUID, call: Callable[[], Awaitable[Any]]) -> None:
        self.busy += 1
        answer = Answer(what, actor.username, key)
        for _ in range(TRIES):
            try:
                done = await asyncio.wait_for(call(), PATIENCE_S)
            except (EngineAway, TimeoutError, AttributeError):
                await asyncio.sleep(self._chance.uniform(0.5, 3.0))
                continue
            except OndijonError as error:
                answer = Answer(what, actor.username, key, told=error.key)
                break
            answer = Answer(what, actor.username, key, command=done.id if isinstance(done, Command) else key)
            break
        self._note("answer", what, actor.username, key, answer.command, answer.told)
        self.answers.append(answer)
        if what in ("ask", "undo") and answer.command is not None and answer.command not in self.known:
            self.known.append(answer.command)
        self.busy -= 1

    def _draw_request(self) -> CommandRequest:
        chance = self._chance
        key = chance.choice((DIM, DIM, DIM, SWITCH, RELEASE))
        payload: Payload = {}
        if key == DIM:
            payload["level_pct"] = float(chance.choice((20, 40, 60, 80)))
        if key == SWITCH:
            payload["state"] = chance.choice(("on", "off"))
        if key != RELEASE and chance.random() < 0.7:
            payload["hold_s"] = chance.choice((60, 120, 600, 3_600, 4 * 3_600, 10 * 3_600))
        expires_s = chance.choice((20, 60, 300, 1_800))
        return CommandRequest(key, self._draw_selection(), payload, "essai", expires_s, self.new_key())

    def _draw_selection(self) -> Selection:
        place = self._chance.randrange(len(GATEWAYS))
        kind = self._chance.random()
        if kind < 0.6:
            return Selection("twins", (light(place, self._chance.randrange(LIGHTS_A_GATEWAY)),))
        if kind < 0.85:
            return Selection("part_of", (cabinet(place),))
        return Selection("all")


LOCAL = LUC
