"""The courier carries queued deliveries out by the messengers it was given; any number of couriers may run at once."""

# At least once: a courier that dies between sending and recording lets its lease end, and another sends again under
# the same key, which makes it one message for a receiver that knows keys.

import asyncio
import logging
from collections.abc import Mapping
from datetime import timedelta

from ondijon.control_room.notifications import queries
from ondijon.control_room.notifications.model import Delivery, Outcome
from ondijon.control_room.notifications.rules.courses import evolve_attempt
from ondijon.control_room.notifications.rules.facts import address_of
from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import EngineAway, OndijonError
from ondijon.kernel.ports import Messenger, Row, Rows

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
# A messenger that has not answered by then is taken for away; well below the lease.
PATIENCE_S = 60.0
MOST_AT_ONCE = 20
LOOK_EVERY_S = 1.0
NO_WAY = "error.no_messenger"


class Courier:
    """Carries deliveries; `link` is the console's own address, put below each text ("" = none)."""

    def __init__(self, rows: Rows, clock: Clock, messengers: Mapping[str, Messenger], link: str = "") -> None:
        self._rows = rows
        self._clock = clock
        self._messengers = dict(messengers)
        self._link = link

    async def run(self) -> None:
        """Carry until cancelled."""
        while True:
            try:
                while await self.go_round() == MOST_AT_ONCE:
                    pass
            except EngineAway as error:
                log.warning("the courier waits: %s", error)
            except Exception:  # the edge of the loop: what is leased comes back when its lease ends
                log.exception("the courier stumbled")
            await asyncio.sleep(LOOK_EVERY_S)

    async def go_round(self) -> int:
        """Send what is due; how many were tried."""
        now, ways = self._clock.now(), list(self._messengers)
        await queries.fail_without_way(self._rows, ways, NO_WAY, now)
        leased = await queries.lease_deliveries(self._rows, ways, now, now + LEASE, MOST_AT_ONCE)
        await asyncio.gather(*(self._carry(row) for row in leased))
        return len(leased)

    async def _carry(self, row: Row) -> None:
        outcome = await self._attempt(row)
        queued = Delivery("queued", row["tries"], row["next_try_at"])
        now = self._clock.now()
        after = evolve_attempt(queued, outcome, now)
        if after.state == "failed":
            log.warning("notification %s by %s given up: %s", row["notification"], row["way"], after.last_error)
        await queries.save_attempt(self._rows, row["notification"], row["way"], after, now)

    async def _attempt(self, row: Row) -> Outcome:
        messenger = self._messengers[row["way"]]
        if row["address"] is None:
            return Outcome(taken=False, error="error.notification_address_erased")
        text = row["text"]
        if self._link:
            text = f"{text}\n{self._link}{address_of(row['subject'])}"
        try:
            async with asyncio.timeout(PATIENCE_S):
                receipt = await messenger.send(row["address"], row["title"], text, row["notification"])
        except (EngineAway, TimeoutError) as error:
            return Outcome(taken=False, again=True, error=_reason(error))
        except OndijonError as error:
            return Outcome(taken=False, error=_reason(error))
        except Exception as error:  # one bad message must not stop the others
            log.exception("messenger %s failed", row["way"])
            return Outcome(taken=False, again=True, error=repr(error)[:300])
        return Outcome(taken=True, confirmed=messenger.confirms, receipt=receipt[:300])


def _reason(error: OndijonError | TimeoutError) -> str:
    return str(error)[:300] if isinstance(error, OndijonError) else "error.messenger_silent"
