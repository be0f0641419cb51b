"""The share keeper takes this process's shares of the field, gives them on, and notices when one was taken from it."""

import asyncio
import logging
import math
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from msgspec import Struct

from ondijon.kernel.errors import EngineAway
from ondijon.kernel.ports import Rows, Transaction
from ondijon.kernel.sharing import Share
from ondijon.runtime import share_queries as queries

log = logging.getLogger(__name__)

BEAT_S = 0.5
SILENT_AFTER_S = 3.0
STOP_WITHIN_S = 5.0


class ShareLost(EngineAway):
    """Another gateway role answers for this share now: nothing of ours may be committed for it."""


class Tenure(Struct, frozen=True):
    """One holding of one share, from one change of hands to the next."""

    share: Share
    epoch: int

    async def hold(self, tx: Transaction) -> None:
        """Keep the share for as long as the transaction lasts; raises ShareLost when it has changed hands."""
        if not await queries.hold_share(tx, self.share.number, self.epoch):
            raise ShareLost("error.share_lost", share=self.share.number)


class Held(Struct, frozen=True):
    """A share as the rows have it."""

    owner: str | None
    epoch: int


class Plan(Struct, frozen=True):
    """What to do now: shares to stop working on, of these those to give on, and those to take with the epoch before."""

    stop: Sequence[int]
    give: Sequence[int]
    take: Sequence[tuple[int, int]]


def make_plan(me: str, of: int, members: Sequence[str], held: dict[int, Held], working: dict[int, int]) -> Plan:
    """Every share belongs to one living member, by its place in the alphabet; a living holder is waited for.

    working: the epoch of each share that this process works on.
    """
    mine = {share for share in range(of) if members and members[share % len(members)] == me}
    lost = {share for share, epoch in working.items() if held.get(share) != Held(me, epoch)}
    give = {share for share in working if share not in mine and share not in lost}
    take = []
    for share in sorted(mine - set(working)):
        now = held.get(share, Held(None, 0))
        if now.owner is None or now.owner == me or now.owner not in members:
            take.append((share, now.epoch))
    return Plan(sorted(lost | give), sorted(give), take)


Work = Callable[[Tenure], Awaitable[None]]


class ShareKeeper:
    """One member of those who share the field; `work` runs for each share held, and is cancelled when it is not."""

    def __init__(self, rows: Rows, owner: str, of: int, work: Work) -> None:
        self._rows = rows
        self._owner = owner
        self._of = of
        self._work = work
        self._tasks: dict[int, tuple[int, asyncio.Task[None]]] = {}
        self._beat_at_s = -math.inf

    async def run(self, on_first: Callable[[], None]) -> None:
        """Keep until cancelled, or until the work on a share ends with an error; `on_first` after the first round."""
        told = False
        try:
            while True:
                try:
                    await self.go_round()
                except EngineAway as error:
                    log.warning("shares wait: %s", error)
                else:
                    if not told:
                        told = True
                        on_first()
                await asyncio.sleep(BEAT_S)
                for _, task in self._tasks.values():
                    if task.done():
                        await task
        finally:
            await self._stop(list(self._tasks))
            with suppress(EngineAway):
                await queries.leave(self._rows, self._owner)

    async def go_round(self) -> None:
        """Say that we live, and do what the plan says.

        After a silence of our own, as when the database was away, the others are heard first: they are not dead.
        """
        await queries.beat(self._rows, self._owner)
        now_s = asyncio.get_running_loop().time()
        was_silent = now_s - self._beat_at_s > SILENT_AFTER_S
        self._beat_at_s = now_s
        if was_silent:
            return
        members = [row["owner"] for row in await queries.list_members(self._rows, SILENT_AFTER_S)]
        held = {row["share"]: Held(row["owner"], row["epoch"]) for row in await queries.list_shares(self._rows)}
        working = {share: epoch for share, (epoch, _) in self._tasks.items()}
        plan = make_plan(self._owner, self._of, members, held, working)
        await self._stop(plan.stop)
        for share in plan.give:
            log.info("share %d of %d given on", share, self._of)
            await queries.give_share(self._rows, share, held[share].epoch)
        for share, epoch_before in plan.take:
            epoch = await queries.take_share(self._rows, share, self._owner, epoch_before)
            if epoch is not None:
                log.info("share %d of %d taken", share, self._of)
                work = self._work(Tenure(Share(share, self._of), epoch))
                self._tasks[share] = (epoch, asyncio.ensure_future(work))

    async def _stop(self, shares: Sequence[int]) -> None:
        tasks = [self._tasks.pop(share)[1] for share in shares]
        for task in tasks:
            task.cancel()
        if tasks and (await asyncio.wait(tasks, timeout=STOP_WITHIN_S))[1]:
            # It would go on taking the session away from the new holder. Nothing is lost with a process that is killed.
            log.error("work on a share does not end: this process is killed")
            os.kill(os.getpid(), signal.SIGKILL)
