"""The log of changes goes on into a folder beside the backups, so that any moment after one can be reached."""

import logging
import re
import signal
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path

from ondijon.infra.backup.copying import hash_file, write_synced
from ondijon.infra.child_process import ChildProcess
from ondijon.infra.postgres.place import Place
from ondijon.infra.postgres.programs import as_user
from ondijon.kernel.errors import Refused

_LOG = logging.getLogger(__name__)

LOG_FOLDER = "wal"
SLOT = "ondijon_archive"
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


def seal_segments(folder: Path) -> int:
    """Write down SHA-256 of each whole segment that has none yet; returns how many that were."""
    count = 0
    for path in sorted(folder.iterdir()):
        sum_path = path.with_name(path.name + _SUM)
        if _SEGMENT.fullmatch(path.name) and not sum_path.exists():
            write_synced(sum_path, hash_file(path)[1].encode())
            count += 1
    return count


def list_log_damage(folder: Path, first: str) -> Iterator[str]:
    """Segments from `first` on that are not as they were sealed, and gaps between them."""
    expected = int(first[8:16], 16) * 256 + int(first[16:], 16)
    for name, path in list_segments(folder, first).items():
        if path.suffix == ".history":
            continue
        number = int(name[8:16], 16) * 256 + int(name[16:], 16)
        if number > expected:
            yield f"{name} (missing before it)"
        expected = number + 1
        sum_path = path.with_name(path.name + _SUM)
        if sum_path.exists() and hash_file(path)[1].encode() != sum_path.read_bytes():
            yield f"{name} (altered)"


class LogArchive:
    """A child of the supervisor that takes the server's log as it is written: at most a second of it is missing.

    Its slot keeps on the server what the archive has not got yet, up to `max_slot_wal_keep_size`.
    """

    name = "log-archive"

    def __init__(self, place: Place, user: str, folder: Path) -> None:
        self._place = place
        self._user = user
        self._folder = folder
        self._child: ChildProcess | None = None
        self._last_lines: deque[str] = deque(maxlen=4)

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None and self._child.is_running else None

    async def start(self) -> None:
        """Make the slot and begin; raises Refused when the folder cannot be written."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Refused("error.backup_folder", folder=str(self._folder), detail=str(error)) from error
        words = [*as_user(self._place, self._user), "--directory", str(self._folder), "--slot", SLOT]
        program = str(self._place.bin_dir / "pg_receivewal")
        making = await self._spawn([program, *words, "--create-slot", "--if-not-exists"])
        if await making.wait_exit() != 0:
            raise Refused("error.backup_folder", folder=str(self._folder), detail=" / ".join(self._last_lines))
        self._child = await self._spawn([program, *words, "--synchronous", "--status-interval", "1"])

    async def stop(self, grace_s: float = 2.0) -> None:
        """End it; what it had not got yet stays in the server's slot."""
        if self._child is not None:
            await self._child.stop((signal.SIGINT, grace_s))
        self._child = None

    async def wait_exit(self) -> int:
        """Wait for its end; returns its exit code."""
        return 0 if self._child is None else await self._child.wait_exit()

    async def ready(self) -> None:
        """It is ready as soon as it runs: a late archive catches up from its slot."""

    async def _spawn(self, argv: list[str]) -> ChildProcess:
        return await ChildProcess.spawn(
            argv,
            on_line=self._take_line,
            death_signal=signal.SIGINT,
            environ={"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"},
        )

    def _take_line(self, line: str) -> None:
        self._last_lines.append(line)
        _LOG.info("%s: %s", self.name, line)
