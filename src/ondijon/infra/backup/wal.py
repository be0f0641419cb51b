"""The log of changes goes on into a folder beside the backups, so that any moment after one can be reached."""

import asyncio
import logging
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from ondijon.infra.backup.copying import hash_file, write_synced
from ondijon.infra.child_process import ChildProcess
from ondijon.infra.postgres.programs import as_user
from ondijon.infra.postgres.server import SUPERUSER, EmbeddedPostgres

_LOG = logging.getLogger(__name__)

LOG_FOLDER = "wal"
SLOT = "ondijon_archive"
SEAL_EVERY_S = 10.0
_SEGMENT = re.compile(r"[0-9A-F]{24}")
_OPEN = ".partial"
_SUM = ".sha256"


def list_segments(folder: Path, first: str) -> Mapping[str, Path]:
    """The segments from `first` on, of every timeline, by name, and the histories of timelines.

    The one that is still being written counts as far as it goes.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        name = path.name.removesuffix(_OPEN)
        if path.suffix == ".history" or (_SEGMENT.fullmatch(name) and name[8:] >= first[8:]):
            found.setdefault(name, path)
    return found


def last_written_at(folder: Path) -> datetime | None:
    """When the log of any incarnation below `folder` last grew."""
    newest = max((path.stat().st_mtime for path in folder.glob(f"*/*{_OPEN}")), default=None)
    return None if newest is None else datetime.fromtimestamp(newest, UTC)


def seal_segments(folder: Path) -> int:
    """Write down SHA-256 of each whole segment that has none yet; returns how many that were."""
    count = 0
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        sum_path = path.with_name(path.name + _SUM)
        if _SEGMENT.fullmatch(path.name) and not sum_path.exists():
            write_synced(sum_path, hash_file(path)[1].encode())
            count += 1
    return count


def last_held(rows: Path, first: str) -> str:
    """The last segment of the log that a base backup carries itself."""
    return max(list_segments(rows / "pg_wal", first), key=lambda name: name[8:], default=first)


def list_log_damage(folder: Path, first: str, held: str) -> Iterator[str]:
    """Segments from `first` on that are not as they were sealed, and gaps before them.

    held: the last one that the backup carries itself; an archive may begin anywhere up to the one after it. A segment
    that is still being written is not sealed: PostgreSQL stops at its first wrong record (CRC-32C).
    """
    expected = _number(held) + 1
    for name, path in list_segments(folder, first).items():
        if path.suffix == ".history":
            continue
        if _number(name) > expected:
            yield f"{name} (gap)"
        expected = max(expected, _number(name) + 1)
        sum_path = path.with_name(path.name + _SUM)
        if sum_path.exists() and hash_file(path)[1].encode() != sum_path.read_bytes():
            yield f"{name} (altered)"


def forget_segments(folder: Path, first: str) -> int:
    """Delete what no kept backup needs: segments before `first`; returns how many."""
    count = 0
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if _SEGMENT.fullmatch(path.name[:24]) and path.suffix != ".history" and path.name[8:24] < first[8:]:
            path.unlink()
            count += path.name == path.name[:24]
    return count


def _number(segment: str) -> int:
    """Place of a segment in the log: 256 segments of 16 MB a logical file."""
    return int(segment[8:16], 16) * 256 + int(segment[16:24], 16)


class LogArchive:
    """A child of the supervisor that takes the server's log as it is written: at most a second of it is missing.

    Its slot keeps on the server what the archive has not got yet, up to `max_slot_wal_keep_size`. A folder that cannot
    be written keeps nobody from working: it is tried again and again, and the health of the post tells.
    """

    name = "log-archive"

    def __init__(self, server: EmbeddedPostgres, folder: Callable[[], Path], begin_anew: Callable[[], None]) -> None:
        self._server = server
        self._folder = folder
        self._begin_anew = begin_anew
        self._child: ChildProcess | None = None
        self._sealing: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None and self._child.is_running else None

    async def start(self) -> None:
        """Make the slot where it is missing, and begin where the folder ends."""
        await self._forget_lost_slot()
        folder, place = self._folder(), self._server.place
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            _LOG.error("%s: %s", self.name, error)
        program = str(place.bin_dir / "pg_receivewal")
        words = [program, *as_user(place, SUPERUSER), "--directory", str(folder), "--slot", SLOT]
        making = await self._spawn([*words, "--create-slot", "--if-not-exists"])
        await making.wait_exit()
        self._child = await self._spawn([*words, "--synchronous", "--no-loop", "--status-interval", "1"])
        self._sealing = asyncio.create_task(_seal_for_ever(folder))

    async def stop(self, grace_s: float = 2.0) -> None:
        """End it; what it had not got yet stays in the server's slot."""
        if self._sealing is not None:
            self._sealing.cancel()
        if self._child is not None:
            await self._child.stop((signal.SIGINT, grace_s))
        self._child = None

    async def wait_exit(self) -> int:
        """Wait for its end; returns its exit code."""
        return 0 if self._child is None else await self._child.wait_exit()

    async def ready(self) -> None:
        """It is ready as soon as it runs: a late archive catches up from its slot."""

    async def _forget_lost_slot(self) -> None:
        """After more log than the server keeps, there is a gap for ever: go on in a folder of its own behind it."""
        connection = await asyncpg.connect(self._server.superuser_dsn)
        lost = "SELECT true FROM pg_replication_slots WHERE slot_name = $1 AND wal_status = 'lost'"
        try:
            if await connection.fetchval(lost, SLOT):
                _LOG.error("%s: the server kept no more for it; only backups from now on reach beyond now", self.name)
                await connection.execute("SELECT pg_drop_replication_slot($1)", SLOT)
                self._begin_anew()
        finally:
            await connection.close()

    async def _spawn(self, argv: list[str]) -> ChildProcess:
        return await ChildProcess.spawn(
            argv,
            on_line=self._take_line,
            death_signal=signal.SIGINT,
            environ={"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"},
        )

    def _take_line(self, line: str) -> None:
        _LOG.warning("%s: %s", self.name, line)


async def _seal_for_ever(folder: Path) -> None:
    while True:
        try:
            await asyncio.to_thread(seal_segments, folder)
        except OSError as error:
            _LOG.error("segments of the log could not be sealed: %s", error)
        await asyncio.sleep(SEAL_EVERY_S)
