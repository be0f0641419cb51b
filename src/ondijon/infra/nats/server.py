"""A NATS server of our own: JetStream, the bus of our roles and an MQTT broker, on loopback unless a node says more."""

import asyncio
import logging
import re
import shutil
import signal
import sysconfig
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from ondijon.infra.child_process import ChildProcess
from ondijon.infra.home_lock import HomeLock
from ondijon.infra.nats.config import CLIENT_PORT, LOOPBACK, MQTT_PORT, Node, Ports, render_config
from ondijon.infra.nats.refusals import OnRefusal, RefusalReader
from ondijon.infra.nats.secrets_file import BusSecrets, read_or_make_secrets, write_private
from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import Refused

_LOG = logging.getLogger(__name__)

_LISTENS = re.compile(r"Listening for (MQTT clients on mqtt://|client connections on )[0-9.]+:(\d+)")
_READY = "[INF] Server is ready"
_START_LIMIT_S = 30.0
# After a write that failed the server keeps a stream closed until it is started again.
_STREAM_BROKE = "critical write error"
_LEAST_ROOM_BYTES = 64 << 20
_LOOK_EVERY_S = 0.5
_LEVELS = {"[WRN]": logging.WARNING, "[ERR]": logging.WARNING, "[FTL]": logging.ERROR}
SYNC_EACH_SECOND = "1s"
STREAMS = "jetstream"
SYNC_ALWAYS = "always"


class EmbeddedNats:
    """One broker below `home`/nats; a child of the supervisor (name, start, stop, wait_exit, ready).

    A stream that the disk could not take stays closed for good: the broker is then ended, so that it is started again,
    as soon as its disk has room.
    sync_interval: any survives every kill of the process. Of what nobody has committed yet a power cut takes at most
    this long ("1s"; the server's own default would be two minutes) or nothing ("always", at a tenth of the speed).
    The ports chosen at the first start stay for the object's life, so that clients find a restarted broker.
    """

    name = "nats"

    def __init__(
        self,
        home: Path,
        *,
        clock: Clock,
        on_refusal: OnRefusal,
        ports: Ports | None = None,
        sync_interval: str = SYNC_EACH_SECOND,
        node: Node | None = None,
    ) -> None:
        self._home = home.resolve() / "nats"
        self._node = node
        self._address = LOOPBACK if node is None else node.address
        self._ports = ports or (Ports() if node is None else Ports(CLIENT_PORT, MQTT_PORT))
        self._sync_interval = sync_interval
        self._refusals = RefusalReader(clock, on_refusal)
        self._secrets: BusSecrets | None = None
        self._child: ChildProcess | None = None
        self._lock: HomeLock | None = None
        self._mending: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._last_lines: deque[str] = deque(maxlen=12)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None and self._child.is_running else None

    @property
    def ports(self) -> Ports:
        """Where it listens; before the first start with chosen ports this is what was asked for."""
        return self._ports

    @property
    def streams_dir(self) -> Path:
        """What it stores for devices and for us."""
        return self._home / STREAMS

    @property
    def secrets(self) -> BusSecrets:
        if self._secrets is None:
            self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not (self._home / "secrets.json").exists():
                # Before the secrets: where these are and the streams are not, the streams were lost.
                (self._home / STREAMS).mkdir(mode=0o700, exist_ok=True)
            if self._node is not None:
                write_private(self._home / "secrets.json", msgspec.json.encode(self._node.secrets))
            self._secrets = read_or_make_secrets(self._home / "secrets.json")
        return self._secrets

    def nats_url(self, user: str) -> str:
        """The bus for one of the post's own users (secrets_file.POST_USERS, CALLOUT_USER, SYSTEM_USER)."""
        return f"nats://{user}:{self.secrets.passwords[user]}@{self._address}:{self._ports.client}"

    def mqtt_url(self, user: str) -> str:
        """The broker for one of the post's own users, who may use any client id."""
        return f"mqtt://{user}:{self.secrets.passwords[user]}@{self._address}:{self._ports.mqtt}"

    async def start(self) -> None:
        """Return once it takes connections; raises Refused when it cannot."""
        config = self._home / "nats.conf"
        text = render_config(self._home, self._ports, self.secrets, self._sync_interval, self._node)
        if not (self._home / STREAMS).is_dir():
            raise Refused("error.nats_streams_lost", folder=str(self._home / STREAMS))
        self._lock = self._lock or HomeLock(self._home / ".lock")
        self._lock.acquire()
        write_private(config, text.encode())
        self._ready.clear()
        self._last_lines.clear()
        try:
            self._child = await ChildProcess.spawn(
                [_find_program(), "-c", str(config)],
                on_line=self._take_line,
                # What it acknowledged is with the kernel of the machine already, so a kill loses nothing.
                death_signal=signal.SIGKILL,
                environ={"PATH": "/usr/bin:/bin"},
            )
            if not await self._ready_before_exit(self._child):
                raise Refused("error.nats_cannot_start", detail=" / ".join(self._last_lines))
        except BaseException:
            await self.stop()
            raise

    async def stop(self, grace_s: float = 1.5) -> None:
        """End it; a graceful end takes seconds with hundreds of sessions, so it is cut off after `grace_s`."""
        if self._mending is not None:
            self._mending.cancel()
            self._mending = None
        if self._child is not None:
            await self._child.stop((signal.SIGTERM, grace_s))
        self._child = None
        self._ready.clear()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def restart(self) -> None:
        """Stop and start on the same ports."""
        await self.stop()
        await self.start()

    async def wait_exit(self) -> int:
        """Wait for the broker's end; returns its exit code."""
        if self._child is None:
            return 0
        code = await self._child.wait_exit()
        self._ready.clear()
        return code

    async def ready(self) -> None:
        """Wait until the broker takes connections."""
        await self._ready.wait()

    def _take_line(self, line: str) -> None:
        self._last_lines.append(line)
        if self._refusals.read(line):
            return
        _LOG.log(_level(line), "nats: %s", line)
        if _STREAM_BROKE in line.lower() and self._mending is None and self._child is not None:
            self._mending = asyncio.create_task(self._end_for_a_new_start(self._child))
        if (match := _LISTENS.search(line)) is not None:
            client, mqtt = self._ports.client, self._ports.mqtt
            port = int(match[2])
            self._ports = Ports(client, port) if "MQTT" in match[1] else Ports(port, mqtt)
        elif line.endswith(_READY):
            self._ready.set()

    async def _end_for_a_new_start(self, child: ChildProcess) -> None:
        while shutil.disk_usage(self.streams_dir).free < _LEAST_ROOM_BYTES:
            await asyncio.sleep(_LOOK_EVERY_S)
        _LOG.warning("nats: a stream broke and its disk has room: the broker is started again")
        child.send(signal.SIGKILL)

    async def _ready_before_exit(self, child: ChildProcess) -> bool:
        ready = asyncio.create_task(self._ready.wait())
        ended = asyncio.create_task(child.wait_exit())
        await asyncio.wait({ready, ended}, timeout=_START_LIMIT_S, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        ended.cancel()
        return self._ready.is_set() and child.is_running


def _level(line: str) -> int:
    """Devices fail by the thousand and are told as refusals; our passwords are plain in a file only we read."""
    if " - mid:" in line or "Plaintext passwords" in line:
        return logging.DEBUG
    return _LEVELS.get(line.partition(" ")[2][:5], logging.DEBUG)


def _find_program() -> str:
    """The server that the wheel laid beside our interpreter."""
    found = shutil.which("nats-server", path=sysconfig.get_path("scripts"))
    if found is None:
        raise Refused("error.nats_not_installed", folder=sysconfig.get_path("scripts"))
    return found
