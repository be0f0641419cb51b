"""Runs steerings beat by beat: what each zone should be at becomes one command a zone, held briefly and renewed."""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid5

import msgspec
import numpy as np

from ondijon.kernel.arrays import Floats, Ints32
from ondijon.kernel.automation import Performed, WantedAct
from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock, to_us
from ondijon.kernel.commands import CommandRequest, Selection
from ondijon.kernel.errors import EngineAway, OndijonError
from ondijon.kernel.i18n import Catalogue
from ondijon.kernel.ports import Bus, Post, Rows
from ondijon.kernel.steering import Ground, GroundSpec, ProgrammeNight, Steered, Steerer, Steering
from ondijon.runtime import automation_queries
from ondijon.runtime.automation_runner import NAMESPACE, actor_of
from ondijon.runtime.frame_mirror import mirror_frames
from ondijon.runtime.state_keeper import restore_columns
from ondijon.runtime.steering import queries
from ondijon.runtime.steering.sight import Holders, find_urgent, look, read_holders
from ondijon.runtime.targets import get_hold_group

LOOK_EVERY_S = 0.5
NIGHT_KEPT = timedelta(minutes=10)
RENEW_SHARE = 0.4  # of the hold's time: what is left of it when it is renewed
EXPIRES_S = 120
log = logging.getLogger(__name__)


class SteeringRunner:
    """All steerings of the core role, over its own copy of the columns."""

    def __init__(
        self,
        city: City,
        rows: Rows,
        bus: Bus,
        clock: Clock,
        post: Post,
        steerings: Sequence[Steering],
        grounds: Sequence[GroundSpec],
        words: Mapping[str, Catalogue],
    ) -> None:
        self._city, self._rows, self._bus, self._clock = city, rows, bus, clock
        known = {spec.key: spec for spec in grounds}
        self._courses = [
            SteeringCourse(city, rows, clock, post, steering, known[steering.ground], words["fr"])
            for steering in steerings
            if steering.ground in known and steering.reads in city.twins
        ]

    async def run(self) -> None:
        """Beat until cancelled; a beat that fails is logged and tried again at the next one."""
        await mirror_frames(self._city, self._bus)
        await restore_columns(self._city, self._rows)
        due_us = {course: 0 for course in self._courses}
        while True:
            for course, at_us in due_us.items():
                now_us = self._clock.now_us()
                if now_us >= at_us:
                    every_us = int(course.steering.every_s * 1e6)
                    due_us[course] = (now_us // every_us + 1) * every_us
                    await self._beat(course)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _beat(self, course: "SteeringCourse") -> None:
        try:
            await course.beat()
        except EngineAway as error:
            log.warning("%s waits: %s", course.steering.card.key, error)
        except Exception:  # the edge of a task loop: holds end by themselves, the next beat begins afresh
            log.exception("%s failed", course.steering.card.key)


class SteeringCourse:
    """One steering at work: its ground, its memory, what it asked for last."""

    def __init__(
        self, city: City, rows: Rows, clock: Clock, post: Post, steering: Steering, spec: GroundSpec, words: Catalogue
    ) -> None:
        self.steering = steering
        self._city, self._rows, self._clock, self._post = city, rows, clock, post
        self._spec, self._words = spec, words
        self._actor = actor_of(steering.card.key)
        self._group = get_hold_group(city, spec.twin_type, city.commands[steering.command].hold_group)
        self._ground: Ground | None = None
        self._steerer: Steerer | None = None
        self._memory: Any = None
        self._night: tuple[datetime, ProgrammeNight] | None = None
        self._told: dict[str, tuple[float | None, int]] = {}
        self._asked: dict[str, tuple[float, datetime]] = {}
        self._is_known = False

    async def beat(self) -> None:
        """Look, decide, ask, renew, give back, and keep what was decided."""
        ground, steerer = await self._lay_out()
        now = self._clock.now()
        holders = await self._read_holders()
        if not ground.zones and np.all(np.isnan(holders.own_pct)):
            return
        programme = (await self._programme(now)).level_pct(to_us(now))
        urgent = find_urgent(self._city, self._spec.twin_type, ground, await queries.list_urgent(self._rows))
        seen = look(self._city, self.steering.reads, self._spec.twin_type, ground, programme, urgent, now)
        steered = steerer.steer(seen, self._memory)
        self._memory = steered.memory
        performed = await self._ask(ground, steered, holders, now)
        await self._renew(ground, steered, holders, now)
        await self._keep(ground, steerer, steered, performed, now)

    async def _lay_out(self) -> tuple[Ground, Steerer]:
        version = await self._spec.version(self._rows)
        if self._ground is None or self._steerer is None or version != self._ground.version:
            self._ground = await self._spec.read(self._rows, self._city)
            self._steerer = await asyncio.to_thread(self.steering.make_steerer, self._city, self._ground)
            self._memory, self._told, self._asked, self._night = self._steerer.begin(), {}, {}, None
        return self._ground, self._steerer

    async def _programme(self, now: datetime) -> ProgrammeNight:
        if self._night is None or now - self._night[0] >= NIGHT_KEPT or now < self._night[0]:
            self._night = (now, await self._spec.night(self._rows, self._city, now))
        return self._night[1]

    async def _read_holders(self) -> Holders:
        key, twin_type, own = self._group.key, self._spec.twin_type, self._actor.pseudonym
        held = await queries.list_held(self._rows, key, twin_type)
        awaited = await queries.list_under_way_of_others(self._rows, key, own)
        return read_holders(self._city, twin_type, self._group, held, awaited, own)

    async def _ask(self, ground: Ground, steered: Steered, holders: Holders, now: datetime) -> dict[int, Performed]:
        """A command for each zone whose lights are not yet held at what is wanted; never for what others hold."""
        performed = {}
        wanted = _by_row(ground, steered.level_pct)
        stray = np.isfinite(wanted) & ~holders.others & (holders.own_pct != wanted)
        for zone in np.unique(ground.zone_of[stray]).tolist():
            rows = np.flatnonzero(stray & (ground.zone_of == zone)).astype(np.int32)
            level_pct = float(steered.level_pct[zone])
            key = ground.zones[zone].key
            asked = self._asked.get(key)
            # What was asked for a moment ago is on its way, or waits for a second person.
            if asked is not None and asked[0] == level_pct and now - asked[1] < timedelta(seconds=EXPIRES_S):
                continue
            self._asked[key] = (level_pct, now)
            performed[zone] = await self._submit(rows, level_pct, self._cause(steered, zone), key, now)
        return performed

    async def _submit(self, rows: Ints32, level_pct: float, cause: str, key: str, now: datetime) -> Performed:
        if not self._is_known:
            async with self._rows.transaction() as tx:
                name = self._words.get(self._actor.name, self._actor.username)
                await automation_queries.add_actor(tx, self._actor, name, now)
            self._is_known = True
        records = self._city.twins[self._spec.twin_type].records
        payload: dict[str, Any] = {"level_pct": level_pct, "hold_s": self.steering.hold_s}
        act = WantedAct(self.steering.command, payload, cause, {"zone": key, "targets": len(rows)})
        request = CommandRequest(
            key=self.steering.command,
            targets=Selection("twins", tuple(records[row].id for row in rows.tolist())),
            payload=payload,
            reason=self._words.get(cause, cause),
            expires_s=EXPIRES_S,
            idempotency_key=uuid5(NAMESPACE, f"{self.steering.card.key}/{key}/{to_us(now)}"),
        )
        try:
            command = await self._post.submit(self._actor, request)
        except EngineAway:
            raise
        except OndijonError as refusal:
            return Performed(act, None, refusal.key)
        return Performed(act, {"id": str(command.id), "state": command.state.value})

    async def _renew(self, ground: Ground, steered: Steered, holders: Holders, now: datetime) -> None:
        """Let our holds that are still wanted last; let the others end now, so that the programme takes over."""
        wanted, numbers = _by_row(ground, steered.level_pct), self._city.twins[self._spec.twin_type].twin_no
        own = np.isfinite(holders.own_pct)
        short_us = to_us(now) + int(RENEW_SHARE * self.steering.hold_s * 1e6)
        ends = own & np.isnan(wanted)
        lasts = own & (wanted == holders.own_pct) & (holders.until_us < short_us)
        until = now + timedelta(seconds=self.steering.hold_s)
        for rows, at in ((lasts, until), (ends, now)):
            if rows.any():
                async with self._rows.transaction() as tx:
                    chosen = numbers[rows].tolist()
                    await queries.go_on(tx, self._group.key, self._actor.pseudonym, chosen, at)
        if ends.any():
            gone = {ground.zones[zone].key for zone in np.unique(ground.zone_of[ends & (ground.zone_of >= 0)]).tolist()}
            self._asked = {key: asked for key, asked in self._asked.items() if key not in gone}

    def _cause(self, steered: Steered, zone: int) -> str:
        assert self._steerer is not None
        return self._steerer.causes[int(steered.why[zone])]

    async def _keep(
        self,
        ground: Ground,
        steerer: Steerer,
        steered: Steered,
        performed: Mapping[int, Performed],
        now: datetime,
    ) -> None:
        """One decision a zone that changed: its level, its cause, or what was asked for it."""
        rows = list(self._decisions(ground, steerer, steered, performed, now))
        if rows:
            async with self._rows.transaction() as tx:
                await queries.insert_decisions(tx, rows)

    def _decisions(
        self,
        ground: Ground,
        steerer: Steerer,
        steered: Steered,
        performed: Mapping[int, Performed],
        now: datetime,
    ) -> Iterator[tuple[Any, ...]]:
        card, trade = self.steering.card, self._city.trade_of[self._spec.twin_type]
        for zone, place in enumerate(ground.zones):
            level = None if np.isnan(steered.level_pct[zone]) else float(steered.level_pct[zone])
            decided = (level, int(steered.why[zone]))
            if zone not in performed and (
                self._told.get(place.key) == decided or self._is_first_rest(place.key, level)
            ):
                self._told[place.key] = decided
                continue
            self._told[place.key] = decided
            done = [performed[zone]] if zone in performed else []
            outcome = {
                "level_pct": level,
                "cause": self._cause(steered, zone),
                "wanted": msgspec.to_builtins([one.act for one in done]),
                "performed": msgspec.to_builtins(done),
            }
            decision = uuid5(NAMESPACE, f"{card.key}/{place.key}/{to_us(now)}/decision")
            known = steerer.known(steered, zone)
            yield (decision, card.key, card.version, now, trade, place.commune, known, outcome)

    def _is_first_rest(self, key: str, level: float | None) -> bool:
        """Nothing was decided of a zone yet, and nothing is."""
        return level is None and key not in self._told


def _by_row(ground: Ground, by_zone: Floats) -> Floats:
    """Values of zones at each row; NaN outside of all zones."""
    return np.append(by_zone, np.nan)[ground.zone_of]
