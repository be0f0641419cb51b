"""One host of several: its own engines and roles as children of one process, as the join file plans them."""

import asyncio
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from ondijon.cli.backup_settings import log_archive_of
from ondijon.cli.bodies import ROLES
from ondijon.cli.home_ports import check_port
from ondijon.cli.host_voice import HostVoice
from ondijon.cli.join import Join
from ondijon.cli.places import PostCard, write_card, write_private
from ondijon.cli.prepare import prepare
from ondijon.cli.supervise import USERS, role_process
from ondijon.infra.clocks import Anchor, HomeTime, SystemClock
from ondijon.infra.nats.bus import NatsBus
from ondijon.infra.nats.secrets_file import CALLOUT_USER, SYSTEM_USER
from ondijon.infra.nats.server import EmbeddedNats
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.kernel.errors import EngineAway
from ondijon.runtime.supervisor import Service, Step, Supervisor

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
        self._voice = HostVoice(wish.home, self._clock, wish.address)
        self._postgres: EmbeddedPostgres | None = None
        self._nats: EmbeddedNats | None = None
        if "postgres" in wish.only:
            self._postgres = EmbeddedPostgres(wish.home, listening=wish.join.listening)
        if "nats" in wish.only:
            node = wish.join.node(wish.address)
            self._nats = EmbeddedNats(wish.home, clock=self._clock, on_refusal=self._voice.tell_refusal, node=node)

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
        supervisor = Supervisor(services, clock=self._clock, on_state=self._voice.tell)
        announcing = asyncio.create_task(self._announce(supervisor))
        try:
            for role in roles:
                await role.warm_up()
            await supervisor.run()
        finally:
            announcing.cancel()
            await self._voice.close()
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
        bus: NatsBus | None = None
        while bus is None:
            try:
                bus = await NatsBus.open(url, "post.supervisor")
            except EngineAway as error:
                log.warning("the bus is awaited: %s", error)
        names = {service: wish.join.device(wish.address, service) for service in ("post", *wish.only)}
        mqtt_url = wish.join.mqtt_url(wish.address, "post.supervisor")
        await self._voice.open(bus, mqtt_url, (self._postgres, self._nats), names)

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
