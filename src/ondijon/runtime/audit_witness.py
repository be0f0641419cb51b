"""The witness writes the audit log's head outside the rows within a second of each act, and each minute anyway."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct

from ondijon.kernel.audit import AuditHead, AuditLine, ChainCheck, Finding
from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import EngineAway
from ondijon.kernel.ports import Rows, Transaction
from ondijon.runtime import audit_log

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
AT_LEAST_EVERY = timedelta(minutes=1)
BATCH = 5_000


class AuditWitness:
    """Looks each second; an act of any risk class is witnessed within that second."""

    def __init__(self, rows: Rows, clock: Clock, write: Callable[[AuditHead], None]) -> None:
        self._rows = rows
        self._clock = clock
        self._write = write
        self._last: AuditHead | None = None
        self._agreed_at = clock.now()

    def age_s(self) -> float:
        """Seconds since the rows and the file of heads last agreed; about 1 as long as all is well."""
        return (self._clock.now() - self._agreed_at).total_seconds()

    async def look(self) -> AuditHead | None:
        """Write a head when there is something new or a minute has passed; returns what was written."""
        last, now = await audit_log.find_last(self._rows), self._clock.now()
        head = None
        if last is not None and self._is_due(last["line_no"], now):
            head = AuditHead(last["line_no"], last["hash"].hex(), now)
            # The file is synced: that must not hold up the loop.
            await asyncio.to_thread(self._write, head)
            self._last = head
        self._agreed_at = now
        return head

    def _is_due(self, line_no: int, now: datetime) -> bool:
        known = self._last
        return known is None or known.line_no != line_no or now - known.at >= AT_LEAST_EVERY

    async def run(self) -> None:
        """Look until cancelled; what fails is logged and tried again, and the age of the last head tells."""
        while True:
            try:
                await self.look()
            except EngineAway as error:
                log.debug("the witness waits: %s", error)
            except OSError:
                log.exception("the head of the audit log could not be written")
            await asyncio.sleep(LOOK_EVERY_S)


class AuditVerdict(Struct, frozen=True):
    """What a check of the whole log found; `beyond_last_head` lines are vouched for by the chain alone."""

    lines: int
    heads: int
    restores: int
    beyond_last_head: int
    finding: Finding | None


async def verify_log(rows: Rows | Transaction, heads: list[AuditHead]) -> AuditVerdict:
    """Check every line against the chain and every head against its line; the heads must be read before."""
    check = ChainCheck(heads)
    while lines := await audit_log.list_lines(rows, check.last_no, BATCH):
        for line in lines:
            check.follow(
                AuditLine(
                    line["line_no"], line["at"], line["actor"], line["act"], line["subject"], line["detail"],
                    line["previous_hash"],
                ),
                line["hash"],
            )  # fmt: skip
        if check.finding is not None:
            break
    last_head = max((head.line_no for head in heads), default=0)
    beyond = max(check.last_no - last_head, 0)
    restores = sum(head.restored for head in heads)
    return AuditVerdict(check.last_no, len(heads), restores, beyond, check.finish())
