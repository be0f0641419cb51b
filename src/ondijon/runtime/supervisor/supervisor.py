"""The supervisor's loop: it knows no trade and no engine, only children, their order and their ends."""

import asyncio
import logging
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import OndijonError
from ondijon.runtime.supervisor.order import BackOff, levels_of
from ondijon.runtime.supervisor.service import Service, ServiceState, Working
from ondijon.runtime.supervisor.usage import measure_usages

_LOG = logging.getLogger(__name__)

OnState = Callable[[Sequence[ServiceState]], None]
_STOP_BUDGET_S = 4.0
_STOP_OVERRUN_S = 0.6
_REPORT_EVERY_S = 2.0
_READY_WITHIN_S = 120.0


@dataclass
class _Record:
    """The changing part of one service."""

    service: Service
    since: datetime
    state: Working = Working.WAITING
    restarts: int = 0
    wait_s: float = 0.0
    was_ready: asyncio.Event = field(default_factory=asyncio.Event)


class Supervisor:
    """Runs services until `request_stop`, SIGTERM or SIGINT.

    A service first starts when everything it needs has been ready once; what ends is started again with back-off.
    Its users are expected to reconnect by themselves. A refusal (OndijonError) at the very first start of a
    service stops everything and is raised, since it needs a person. `on_state` hears of every change and, every
    two seconds, of memory and processor time.
    """

    def __init__(
        self,
        services: Sequence[Service],
        *,
        clock: Clock,
        on_state: OnState,
        back_off: BackOff | None = None,
        ready_within_s: float = _READY_WITHIN_S,
    ) -> None:
        self._levels = levels_of(services)
        self._clock = clock
        self._on_state = on_state
        self._back_off = back_off or BackOff()
        self._ready_within_s = ready_within_s
        self._records = {service.name: _Record(service, clock.now()) for service in services}
        self._stop = asyncio.Event()
        self._all_ready = asyncio.Event()
        self._refusal: OndijonError | None = None

    def request_stop(self) -> None:
        """Have `run` stop everything and return."""
        self._stop.set()

    async def all_ready(self) -> None:
        """Wait until every service has been ready once."""
        await self._all_ready.wait()

    async def run(self, *, take_signals: bool = True) -> None:
        """Start, watch, and stop everything; raises what refused a first start."""
        loop = asyncio.get_running_loop()
        taken = (signal.SIGTERM, signal.SIGINT) if take_signals else ()
        for wanted in taken:
            loop.add_signal_handler(wanted, self.request_stop)
        tasks = [asyncio.create_task(self._watch(record)) for record in self._records.values()]
        tasks += [asyncio.create_task(self._report_for_ever()), asyncio.create_task(self._await_all_ready())]
        try:
            await self._stop.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._stop_all()
            for wanted in taken:
                loop.remove_signal_handler(wanted)
        if self._refusal is not None:
            raise self._refusal

    async def _await_all_ready(self) -> None:
        for record in self._records.values():
            await record.was_ready.wait()
        self._all_ready.set()

    async def _watch(self, record: _Record) -> None:
        """One service's life: start, wait for its end, wait a little, start again."""
        child = record.service.child
        for need in record.service.needs:
            await self._records[need].was_ready.wait()
        loop = asyncio.get_running_loop()
        while True:
            ready_at: float | None = None
            self._set(record, Working.STARTING)
            try:
                if await self._start(record):
                    ready_at = loop.time()
                    record.was_ready.set()
                    self._set(record, Working.READY)
                    code = await child.wait_exit()
                    if code == 0:
                        # It asked to be started afresh, as when its city has changed: that is no failure.
                        record.wait_s = 0.0
                    _LOG.warning("%s ended with code %s", child.name, code)
                await child.stop(0)
            except OndijonError as error:
                if not record.was_ready.is_set() and record.restarts == 0:
                    self._refusal = error
                    self._stop.set()
                    return
                _LOG.error("%s does not start: %s", child.name, error)
            except Exception:  # noqa: BLE001
                # The edge of a task loop: whatever a child's start met, the others go on and it is tried again.
                _LOG.exception("%s failed", child.name)
            record.restarts += 1
            ready_for_s = 0.0 if ready_at is None else loop.time() - ready_at
            record.wait_s = self._back_off.next_wait_s(record.wait_s, ready_for_s)
            self._set(record, Working.BACKING_OFF)
            await asyncio.sleep(record.wait_s)

    async def _start(self, record: _Record) -> bool:
        """Start and wait for readiness; returns whether it came before the child's end and in time."""
        child = record.service.child
        await child.start()
        ready = asyncio.create_task(child.ready())
        ended = asyncio.create_task(child.wait_exit())
        try:
            await asyncio.wait({ready, ended}, timeout=self._ready_within_s, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                _LOG.warning("%s ended with code %s before it was ready", child.name, ended.result())
            elif not ready.done():
                _LOG.warning("%s was not ready within %s s", child.name, self._ready_within_s)
            return ready.done() and not ended.done()
        finally:
            ready.cancel()
            ended.cancel()

    async def _stop_all(self) -> None:
        """Stop level by level, last started first; each level may use half of what is left of the time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _STOP_BUDGET_S
        for level in reversed(self._levels):
            grace_s = max((deadline - loop.time()) / 2, 0.1)
            await asyncio.gather(*(self._stop_one(self._records[service.name], grace_s) for service in level))
        self._report()

    async def _stop_one(self, record: _Record, grace_s: float) -> None:
        self._set(record, Working.STOPPING)
        try:
            await asyncio.wait_for(record.service.child.stop(grace_s), grace_s + _STOP_OVERRUN_S)
        except Exception:  # noqa: BLE001
            # The edge of the last task: one child that cannot be stopped must not keep the others running.
            # It dies with this process.
            _LOG.exception("%s could not be stopped", record.service.name)
        self._set(record, Working.STOPPED)

    def _set(self, record: _Record, state: Working) -> None:
        record.state = state
        record.since = self._clock.now()
        self._report()

    async def _report_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_REPORT_EVERY_S)
            self._report()

    def _report(self) -> None:
        records = list(self._records.values())
        pids = [record.service.child.pid for record in records]
        self._on_state(
            [
                _state_of(record, pid, *usage)
                for record, pid, usage in zip(records, pids, measure_usages(pids), strict=True)
            ]
        )


def _state_of(record: _Record, pid: int | None, rss_bytes: int, cpu_s: float) -> ServiceState:
    return ServiceState(record.service.name, record.state, pid, record.restarts, rss_bytes, cpu_s, record.since)
