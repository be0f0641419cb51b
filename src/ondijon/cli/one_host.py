"""One host of several: its own engines and roles as children of one process, as the join file plans them."""

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import asyncpg
import msgspec

from ondijon.cli.backup_settings import log_archive_of
from ondijon.cli.bodies import ROLES
from ondijon.cli.disk_forecast import DiskForecast, watched_disks
from ondijon.cli.disk_watch import watch_disks
from ondijon.cli.health import HealthReport
from ondijon.cli.home_ports import check_port
from ondijon.cli.join import Join
from ondijon.cli.places import PostCard, write_card, write_private
from ondijon.cli.post_word import PostWord
from ondijon.cli.prepare import prepare
from ondijon.cli.supervise import USERS, role_process
from ondijon.infra.clocks import Anchor, HomeTime, SystemClock
from ondijon.infra.nats.bus import NatsBus
from ondijon.infra.nats.refusals import Refusal
from ondijon.infra.nats.secrets_file import CALLOUT_USER, SYSTEM_USER
from ondijon.infra.nats.server import EmbeddedNats
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.kernel.errors import EngineAway
from ondijon.runtime.field_role import REFUSED_SUBJECT
from ondijon.runtime.supervisor import Service, ServiceState, Step, Supervisor

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
# The last that `prepare` makes.
_IS_PREPARED = """SELECT (SELECT key FROM city) = $1 AND EXISTS (SELECT FROM cti_tokens)
    AND (SELECT count(*) FROM twins WHERE type = 'Service' AND device = ANY($2::text[])) = $3"""


@dataclass(frozen=True)
class HostWish:
    """What the command line asked for: which host this is, which of its services, and where the console listens."""

    join: Join
    address: str
    only: tuple[str, ...]
    home: Path
    http_address: str
    port: int
    time: HomeTime


class HostAssembly:
    """The services of one host; each waits for what it needs of the others, and finds it again by itself."""

    def __init__(self, wish: HostWish, environ: Mapping[str, str]) -> None:
        self._wish = wish
        self._environ = environ
        self._anchor = Anchor.drop()
        self._clock = SystemClock(wish.time, self._anchor)
        self._postgres: EmbeddedPostgres | None = None
        self._nats: EmbeddedNats | None = None
        if "postgres" in wish.only:
            self._postgres = EmbeddedPostgres(wish.home, listening=wish.join.listening)
        if "nats" in wish.only:
            node = wish.join.node(wish.address)
            self._nats = EmbeddedNats(wish.home, clock=self._clock, on_refusal=self._on_refusal, node=node)
        self._bus: NatsBus | None = None
        self._health: HealthReport | None = None
        self._word: PostWord | None = None
        self._disks = DiskForecast(wish.home / "disk-history.json", watched_disks(wish.home))
        self._watching: list[asyncio.Task[None]] = []
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Run until told to stop; raises what refused a first start."""
        wish = self._wish
        if "web" in wish.only:
            check_port(wish.port, wish.http_address)
        if not (wish.home / "field.key").exists():
            write_private(wish.home / "field.key", bytes.fromhex(wish.join.field_key))
        engines = [engine for engine in (self._postgres, self._nats) if engine is not None]
        step = Step("prepare", self._prepare if self._postgres is not None else self._await_post)
        roles = [role_process(role, wish.join.city, wish.home, self._environ) for role in ROLES if role in wish.only]
        services = [Service(engine) for engine in engines]
        services.append(Service(step, tuple(engine.name for engine in engines)))
        services += [Service(role, ("prepare",)) for role in roles]
        if self._postgres is not None and (archive := log_archive_of(wish.home, self._postgres)) is not None:
            services.append(Service(archive, ("postgres",)))
        supervisor = Supervisor(services, clock=self._clock, on_state=self._on_state)
        announcing = asyncio.create_task(self._announce(supervisor))
        try:
            for role in roles:
                await role.warm_up()
            await supervisor.run()
        finally:
            for task in (announcing, *self._watching):
                task.cancel()
            if self._health is not None:
                self._health.stop()
            if self._bus is not None:
                await self._bus.close()
            (wish.home / "post.json").unlink(missing_ok=True)

    async def _prepare(self) -> None:
        """The host of the database makes tables, city and credentials."""
        assert self._postgres is not None
        wish = self._wish
        write_card(wish.home, self._card())
        await prepare(self._postgres, wish.join.city, wish.home, self._clock, services=wish.join.services)
        await self._open_bus()

    async def _await_post(self) -> None:
        """The others wait until that has been done."""
        write_card(self._wish.home, self._card())
        while not await _is_prepared(self._wish.join):
            await asyncio.sleep(LOOK_EVERY_S)
        await self._open_bus()

    async def _open_bus(self) -> None:
        wish = self._wish
        url = wish.join.bus_url(wish.address, "post.supervisor")
        while self._bus is None:
            try:
                self._bus = await NatsBus.open(url, "post.supervisor")
            except EngineAway as error:
                log.warning("the bus is awaited: %s", error)
        names = {service: wish.join.device(wish.address, service) for service in ("post", *wish.only)}
        self._health = HealthReport(wish.join.mqtt_url(wish.address, "post.supervisor"), self._clock, names)
        self._health.start()
        await self._bus.subscribe("ondijon.role.*", self._on_heartbeat)
        folders = [] if self._postgres is None else [self._postgres.place.data_dir]
        folders += [] if self._nats is None else [self._nats.streams_dir]
        self._word = PostWord(self._bus, self._clock, self._disks, wish.address)
        watches = (watch_disks(folders, self._bus), self._disks.run())
        self._watching = [asyncio.create_task(watch) for watch in watches]

    def _card(self) -> PostCard:
        wish = self._wish
        join, address = wish.join, wish.address
        urls = [join.bus_url(address, user) for user in (CALLOUT_USER, SYSTEM_USER)]
        return PostCard(
            city=join.city,
            http_port=wish.port,
            database_url=join.database_url() if self._postgres is None else self._postgres.post_dsn,
            bus_url={role: join.bus_url(address, f"post.{role}") for role in USERS},
            mqtt_url={role: join.mqtt_url(address, f"post.{role}") for role in USERS},
            time=wish.time,
            anchor=self._anchor,
            callout=(urls[0], urls[1], join.bus.issuer_seed),
            node=address,
            http_address=wish.http_address,
            mqtt_others=join.mqtt_others(address),
            shares=join.shares,
        )

    def _on_state(self, states: Sequence[ServiceState]) -> None:
        if self._health is not None:
            self._health.hear("post", self._disks.figures())
            self._health.tell(states)
        if self._word is not None:
            self._word.tell(states)

    async def _on_heartbeat(self, subject: str, payload: bytes) -> None:
        word = msgspec.json.decode(payload)
        if self._health is not None and word.get("node") == self._wish.address:
            self._health.hear(subject.rpartition(".")[2], word["detail"])

    def _on_refusal(self, refusal: Refusal) -> None:
        if self._bus is not None:
            self._loop.create_task(self._bus.publish(REFUSED_SUBJECT, msgspec.json.encode(asdict(refusal))))

    async def _announce(self, supervisor: Supervisor) -> None:
        await supervisor.all_ready()
        print(f"OnDijon, {self._wish.address}: {', '.join(self._wish.only)}", flush=True)


async def _is_prepared(join: Join) -> bool:
    """Whether the host of the database has prepared it."""
    try:
        connection = await asyncpg.connect(join.database_url(), timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return False
    try:
        names = join.services
        return bool(await connection.fetchval(_IS_PREPARED, join.city, names, len(names)))
    except asyncpg.PostgresError:
        # No table yet, or not yet ours to read.
        return False
    finally:
        await connection.close()


async def run_host(wish: HostWish) -> None:
    """Run one host of a post."""
    await HostAssembly(wish, os.environ).run()
