"""A whole post run as a person runs it: `ondijon run`, its engines and its roles each a process of their own."""

import asyncio
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from ondijon.cli.places import PostCard, read_card

READY_WITHIN_S = 120.0
ASK_EVERY_S = 0.02
STOP_WITHIN_S = 30.0
MIB = 1 << 20


@dataclass(frozen=True)
class RunningPost:
    """One `ondijon run` that is up; `ready_s` from the start of the process to /healthz 200."""

    home: Path
    port: int
    pid: int
    ready_s: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def card(self) -> PostCard:
        """Where its engines are."""
        return read_card(self.home)

    def processes(self) -> dict[str, list[psutil.Process]]:
        """Its live processes by what they are: supervisor, roles, postgres, nats."""
        supervisor = psutil.Process(self.pid)
        found: dict[str, list[psutil.Process]] = {"supervisor": [supervisor]}
        for child in supervisor.children(recursive=True):
            with _unless_gone():
                found.setdefault(_name(child), []).append(child)
        return found

    def cpu_s(self) -> dict[str, float]:
        """CPU seconds that each has spent so far."""
        return {name: sum(_cpu_s(one) for one in group) for name, group in self.processes().items()}

    def pss_mib(self) -> dict[str, float]:
        """Proportional memory of each in MiB: pages shared by several processes are divided among them."""
        return {name: sum(_pss_mib(one) for one in group) for name, group in self.processes().items()}


@contextmanager
def throwaway_home() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="ondijon-bench-"))
    home.chmod(0o711)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@asynccontextmanager
async def run_post(home: Path, words: Sequence[str] = ()) -> AsyncIterator[RunningPost]:
    """`ondijon run` in that home with further `words`, until the body ends; raises SystemExit if it will not start."""
    port = _free_port()
    argv = [sys.executable, "-m", "ondijon", "run", "--home", str(home), "--port", str(port), *words]
    log = home / "bench.log"
    with log.open("ab") as sink:
        started = time.perf_counter()
        process = await asyncio.create_subprocess_exec(*argv, stdout=sink, stderr=sink)
        try:
            if not await _wait_ready(port, process, started):
                raise SystemExit(f"the post did not start:\n{log.read_text('utf-8', 'replace')[-3000:]}")
            yield RunningPost(home, port, process.pid, time.perf_counter() - started)
        finally:
            await _stop(process)


async def _wait_ready(port: int, process: asyncio.subprocess.Process, started: float) -> bool:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5.0) as client:
        while process.returncode is None and time.perf_counter() - started < READY_WITHIN_S:
            try:
                if (await client.get("/healthz")).status_code == httpx.codes.OK:
                    return True
            except httpx.TransportError:
                pass
            await asyncio.sleep(ASK_EVERY_S)
    return False


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
    except TimeoutError:
        process.kill()
        await process.wait()
    for child in children:
        with _unless_gone():
            child.kill()


@contextmanager
def _unless_gone() -> Iterator[None]:
    """A process may end between being listed and being asked."""
    try:
        yield
    except psutil.NoSuchProcess:
        return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _name(process: psutil.Process) -> str:
    words = process.cmdline()
    if "--only" in words:
        return str(words[words.index("--only") + 1])
    name = str(process.name())
    return "postgres" if name.startswith("postgres") else "nats" if name.startswith("nats") else name


def _cpu_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _pss_mib(process: psutil.Process) -> float:
    try:
        lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / MIB
