"""The supervisor with real processes: order, restarts, refusals and the end in time."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ondijon.infra.nats.server import EmbeddedNats
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.infra.role_process import RoleProcess
from ondijon.kernel.clock import to_us
from ondijon.kernel.errors import Refused
from ondijon.runtime.supervisor import Service, ServiceState, Step, Supervisor, Working
from ondijon.runtime.supervisor.order import BackOff

pytestmark = pytest.mark.faults
WAIT_S = 15.0

GOOD = """
import os, signal
print("hello")
os.write(int(os.environ["ONDIJON_READY_FD"]), b"READY\\n")
signal.pause()
"""
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)" + GOOD.replace("pause()", "sigwait([])")
SHORT_LIVED = "print('I cannot', flush=True); raise SystemExit(3)"


WARM = """
import signal
from ondijon.infra.role_process import await_go, tell_ready
print("loaded", flush=True)
await_go()
tell_ready()
signal.pause()
"""


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def now_us(self) -> int:
        return to_us(self.now())


class Watcher:
    """Keeps every report and wakes whoever waits for one."""

    def __init__(self) -> None:
        self.changes: list[tuple[str, Working]] = []
        self.latest: dict[str, ServiceState] = {}
        self._told = asyncio.Condition()
        self._wakers: set[asyncio.Task[None]] = set()

    def take(self, states: Sequence[ServiceState]) -> None:
        for state in states:
            former = self.latest.get(state.name)
            if former is None or (former.state, former.since) != (state.state, state.since):
                self.changes.append((state.name, state.state))
            self.latest[state.name] = state
        waker = asyncio.get_running_loop().create_task(self._wake())
        self._wakers.add(waker)
        waker.add_done_callback(self._wakers.discard)

    async def _wake(self) -> None:
        async with self._told:
            self._told.notify_all()

    async def until(self, name: str, holds: Callable[[ServiceState], bool]) -> ServiceState:
        """Wait for a report in which the service is as wanted."""
        async with asyncio.timeout(WAIT_S), self._told:
            await self._told.wait_for(lambda: name in self.latest and holds(self.latest[name]))
        return self.latest[name]

    def order_of(self, state: Working) -> list[str]:
        return [name for name, changed in self.changes if changed is state]


def role(name: str, script: str, on_line: Callable[[str, str], None] = lambda name, line: None) -> RoleProcess:
    return RoleProcess(name, [sys.executable, "-S", "-c", script], environ=os.environ, on_line=on_line)


@asynccontextmanager
async def running(services: Sequence[Service], back_off: BackOff | None = None) -> AsyncIterator[Watcher]:
    watcher = Watcher()
    supervisor = Supervisor(services, clock=RealClock(), on_state=watcher.take, back_off=back_off)
    run = asyncio.create_task(supervisor.run(take_signals=False))
    try:
        yield watcher
    finally:
        supervisor.request_stop()
        await run


async def test_services_start_when_their_needs_are_ready_and_stop_in_reverse() -> None:
    services = [
        Service(role("web", GOOD), ("core",)),
        Service(role("core", GOOD), ("engine",)),
        Service(role("engine", GOOD)),
    ]
    async with running(services) as watcher:
        await watcher.until("web", lambda state: state.state is Working.READY)
    assert watcher.order_of(Working.READY) == ["engine", "core", "web"]
    assert watcher.order_of(Working.STOPPED) == ["web", "core", "engine"]
    assert watcher.changes.index(("engine", Working.READY)) < watcher.changes.index(("core", Working.STARTING))


async def test_a_killed_role_is_ready_again_within_five_seconds() -> None:
    async with running([Service(role("core", GOOD))]) as watcher:
        before = await watcher.until("core", lambda state: state.state is Working.READY)
        assert before.pid is not None
        loop = asyncio.get_running_loop()
        killed_at = loop.time()
        os.kill(before.pid, signal.SIGKILL)
        after = await watcher.until("core", lambda state: state.restarts == 1 and state.state is Working.READY)
        assert loop.time() - killed_at < 5
        assert after.pid not in (None, before.pid)


async def test_a_role_warmed_up_loads_at_once_and_begins_only_when_its_needs_are_ready() -> None:
    loaded, opened = asyncio.Event(), asyncio.Event()

    async def door() -> None:
        await opened.wait()

    argv = [sys.executable, "-c", WARM]
    warm = RoleProcess("core", argv, environ=os.environ, on_line=lambda name, line: loaded.set())
    await warm.warm_up()
    pid = warm.pid
    await asyncio.wait_for(loaded.wait(), WAIT_S)
    async with running([Service(Step("door", door)), Service(warm, ("door",))]) as watcher:
        assert ("core", Working.STARTING) not in watcher.changes
        opened.set()
        ready = await watcher.until("core", lambda state: state.state is Working.READY)
        assert ready.pid == pid
        os.kill(ready.pid or 0, signal.SIGKILL)
        await watcher.until("core", lambda state: state.restarts == 1 and state.state is Working.READY)


async def test_a_role_that_ended_while_it_was_warm_is_started_anew() -> None:
    warm = RoleProcess("core", [sys.executable, "-c", WARM], environ=os.environ, on_line=lambda name, line: None)
    await warm.warm_up()
    first = warm.pid
    os.kill(first or 0, signal.SIGKILL)
    await warm.wait_exit()
    async with running([Service(warm)]) as watcher:
        ready = await watcher.until("core", lambda state: state.state is Working.READY)
        assert ready.pid not in (None, first)


async def test_a_role_that_never_gets_ready_is_tried_again_and_again() -> None:
    lines: list[tuple[str, str]] = []
    failing = role("core", SHORT_LIVED, lambda name, line: lines.append((name, line)))
    async with running([Service(failing)], BackOff(first_s=0.01, longest_s=0.02)) as watcher:
        await watcher.until("core", lambda state: state.restarts >= 3)
    assert lines.count(("core", "I cannot")) >= 3
    assert ("core", Working.READY) not in watcher.changes


async def test_a_role_s_end_leaves_its_users_running() -> None:
    async with running([Service(role("engine", GOOD)), Service(role("core", GOOD), ("engine",))]) as watcher:
        user = await watcher.until("core", lambda state: state.state is Working.READY)
        engine = watcher.latest["engine"]
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL)
        await watcher.until("engine", lambda state: state.restarts == 1 and state.state is Working.READY)
        assert watcher.latest["core"] == await watcher.until("core", lambda state: state.pid == user.pid)
        assert watcher.latest["core"].restarts == 0


async def test_roles_that_will_not_stop_are_ended_within_five_seconds() -> None:
    names = ["engine", "core", "gateway", "web"]
    services = [
        Service(role(name, STUBBORN), (need,) if need else ()) for name, need in zip(names, ["", *names], strict=False)
    ]
    loop = asyncio.get_running_loop()
    async with running(services) as watcher:
        await watcher.until("web", lambda state: state.state is Working.READY)
        before = loop.time()
    assert loop.time() - before < 5
    assert watcher.order_of(Working.STOPPED) == ["web", "gateway", "core", "engine"]
    assert all(state.pid is None for state in watcher.latest.values())


@pytest.mark.engines
async def test_killed_engines_are_ready_again_within_five_seconds() -> None:
    with tempfile.TemporaryDirectory(prefix="ondijon-test-") as folder:
        home = Path(folder)
        # The system user that root's PostgreSQL runs under must get in.
        home.chmod(0o711)
        postgres = EmbeddedPostgres(home)
        nats = EmbeddedNats(home, clock=RealClock(), on_refusal=lambda refusal: None)
        loop = asyncio.get_running_loop()
        async with running([Service(postgres), Service(nats)]) as watcher:
            for engine in (postgres, nats):
                before = await watcher.until(engine.name, lambda state: state.state is Working.READY)
                assert before.pid is not None
                killed_at = loop.time()
                os.kill(before.pid, signal.SIGKILL)
                await watcher.until(engine.name, lambda state: state.restarts == 1 and state.state is Working.READY)
                assert loop.time() - killed_at < 5


async def test_a_step_is_done_once_and_others_wait_for_it() -> None:
    done: list[str] = []

    async def migrate() -> None:
        done.append("migrated")

    services = [
        Service(role("core", GOOD), ("migrations",)),
        Service(Step("migrations", migrate), ("engine",)),
        Service(role("engine", GOOD)),
    ]
    async with running(services) as watcher:
        await watcher.until("core", lambda state: state.state is Working.READY)
    assert done == ["migrated"]
    assert watcher.order_of(Working.READY) == ["engine", "migrations", "core"]


async def test_a_refusal_at_the_first_start_stops_everything_and_is_raised() -> None:
    async def refuse() -> None:
        raise Refused("error.migration_altered")

    watcher = Watcher()
    services = [
        Service(role("engine", GOOD)),
        Service(Step("migrations", refuse), ("engine",)),
        Service(role("core", GOOD), ("migrations",)),
    ]
    with pytest.raises(Refused, match=r"error\.migration_altered"):
        await Supervisor(services, clock=RealClock(), on_state=watcher.take).run(take_signals=False)
    assert watcher.latest["engine"].state is Working.STOPPED
    assert ("core", Working.STARTING) not in watcher.changes


async def test_a_surprise_at_a_start_is_tried_again() -> None:
    attempts: list[int] = []

    async def stumble() -> None:
        attempts.append(1)
        if len(attempts) < 3:
            raise OSError("the disk is slow")

    async with running([Service(Step("import", stumble))], BackOff(first_s=0.01)) as watcher:
        state = await watcher.until("import", lambda state: state.state is Working.READY)
    assert (len(attempts), state.restarts) == (3, 2)


async def test_memory_and_processor_time_of_each_process_are_told() -> None:
    async with running([Service(role("core", GOOD))]) as watcher:
        state = await watcher.until("core", lambda state: state.rss_bytes > 1 << 20)
        assert state.cpu_s >= 0


async def test_all_services_ready_is_told() -> None:
    supervisor = Supervisor([Service(role("core", GOOD))], clock=RealClock(), on_state=lambda states: None)
    run = asyncio.create_task(supervisor.run(take_signals=False))
    await asyncio.wait_for(supervisor.all_ready(), WAIT_S)
    supervisor.request_stop()
    await run


POST = """
import asyncio, os, sys
from datetime import UTC, datetime
from ondijon.infra.role_process import RoleProcess, tell_ready
from ondijon.runtime.supervisor import Service, Supervisor

class Clock:
    def now(self): return datetime.now(UTC)
    def now_us(self): return 0

ROLE = "import signal; from ondijon.infra.role_process import tell_ready; tell_ready(); signal.pause()"

async def main():
    roles = [RoleProcess(name, [sys.executable, "-c", ROLE], environ=os.environ, on_line=print) for name in "ab"]
    supervisor = Supervisor([Service(role) for role in roles], clock=Clock(), on_state=lambda states: None)
    run = asyncio.create_task(supervisor.run())
    await supervisor.all_ready()
    print(*(role.pid for role in roles), flush=True)
    await run

asyncio.run(main())
"""


@contextmanager
def watched(pid: int) -> Iterator[asyncio.Event]:
    """An event that the end of a process sets, also of one that is not our child."""
    pidfd = os.pidfd_open(pid)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(pidfd, ended.set)
    try:
        yield ended
    finally:
        asyncio.get_running_loop().remove_reader(pidfd)
        os.close(pidfd)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)])
async def test_no_role_outlives_a_stopped_or_killed_supervisor(sent: signal.Signals, code: int) -> None:
    post = await asyncio.create_subprocess_exec(sys.executable, "-c", POST, stdout=asyncio.subprocess.PIPE)
    assert post.stdout is not None
    first, second = (await asyncio.wait_for(post.stdout.readline(), WAIT_S)).split()
    with watched(int(first)) as first_ended, watched(int(second)) as second_ended:
        post.send_signal(sent)
        assert await asyncio.wait_for(post.wait(), 5) == code
        await asyncio.wait_for(first_ended.wait(), WAIT_S)
        await asyncio.wait_for(second_ended.wait(), WAIT_S)
