"""The supervisor's assembly: engines, preparation and roles as children of one process."""

import asyncio
import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ondijon.cli.backup_settings import log_archive_of
from ondijon.cli.bodies import ROLES
from ondijon.cli.home_ports import check_port, choose_ports
from ondijon.cli.host_voice import HostVoice
from ondijon.cli.logs import pass_line
from ondijon.cli.places import DemoPassword, PostCard, write_card
from ondijon.cli.prepare import generate_city, prepare
from ondijon.infra.clocks import Anchor, HomeTime, SystemClock
from ondijon.infra.nats.bus import NatsBus
from ondijon.infra.nats.external import FieldBus, field_bus_from
from ondijon.infra.nats.secrets_file import CALLOUT_USER, SYSTEM_USER
from ondijon.infra.nats.server import EmbeddedNats
from ondijon.infra.postgres.external import postgres_from
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.infra.role_process import RoleProcess
from ondijon.kernel.inventory import Inventory
from ondijon.runtime.supervisor import Service, Step, Supervisor

log = logging.getLogger(__name__)

USERS = ("supervisor", *ROLES)
ROLE_NEEDS = {"core": ("prepare",), "gateway": ("prepare",), "web": ("prepare",), "simulator": ("core", "gateway")}


@dataclass(frozen=True)
class Wish:
    """What the command line asked for."""

    city: str
    home: Path
    port: int
    time: HomeTime
    simulate: bool
    mqtt_port: int | None = None


class Assembly:
    """One running post: its engines, its card, and who hears of its health."""

    def __init__(self, wish: Wish, environ: Mapping[str, str]) -> None:
        self._wish = wish
        self._environ = environ
        self._anchor = Anchor.drop()
        self._clock = SystemClock(wish.time, self._anchor)
        self._voice = HostVoice(wish.home, self._clock)
        self._postgres = postgres_from(wish.home, environ)
        ports = choose_ports(wish.home, wish.mqtt_port)
        self._field: FieldBus = field_bus_from(wish.home, environ, self._clock, self._voice.tell_refusal, ports)
        self._draft: asyncio.Task[Inventory] | None = None
        self.accounts: list[DemoPassword] = []

    async def run(self) -> None:
        """Run until told to stop; raises what refused a first start."""
        check_port(self._wish.port)
        services = [
            Service(self._postgres),
            Service(self._field.server),
            Service(Step("prepare", self._prepare), ("postgres", "nats")),
        ]
        if isinstance(self._postgres, EmbeddedPostgres):
            archive = log_archive_of(self._wish.home, self._postgres)
            services += [] if archive is None else [Service(archive, ("postgres",))]
        roles = [
            role_process(role, self._wish.city, self._wish.home, self._environ)
            for role in ROLES
            if self._wish.simulate or role != "simulator"
        ]
        services += [Service(role, ROLE_NEEDS[role.name]) for role in roles]
        supervisor = Supervisor(services, clock=self._clock, on_state=self._voice.tell)
        announcing = asyncio.create_task(self._announce(supervisor))
        try:
            if isinstance(self._postgres, EmbeddedPostgres) and self._postgres.is_new:
                # Beside the making of its database, not after it.
                self._draft = asyncio.create_task(asyncio.to_thread(generate_city, self._wish.city))
            for role in roles:
                await role.warm_up()
            await supervisor.run()
        finally:
            for task in (announcing, self._draft):
                if task is not None:
                    task.cancel()
            await self._voice.close()
            (self._wish.home / "post.json").unlink(missing_ok=True)

    async def _prepare(self) -> None:
        card = self._card()
        write_card(self._wish.home, card)
        self.accounts = await prepare(self._postgres, card.city, self._wish.home, self._clock, self._draft)
        bus = await NatsBus.open(card.bus_url["supervisor"], "post.supervisor")
        await self._voice.open(bus, card.mqtt_url["supervisor"], (self._postgres, self._field.server))

    def _card(self) -> PostCard:
        server = self._field.server
        callout = None
        if isinstance(server, EmbeddedNats):
            callout = (server.nats_url(CALLOUT_USER), server.nats_url(SYSTEM_USER), server.secrets.issuer_seed)
        return PostCard(
            city=self._wish.city,
            http_port=self._wish.port,
            database_url=self._postgres.post_dsn,
            bus_url={role: server.nats_url(f"post.{role}") for role in USERS},
            mqtt_url={role: self._field.mqtt_url(f"post.{role}") for role in USERS},
            time=self._wish.time,
            anchor=self._anchor,
            callout=callout,
        )

    async def _announce(self, supervisor: Supervisor) -> None:
        await supervisor.all_ready()
        url = f"http://127.0.0.1:{self._wish.port}"
        broker = self._card().mqtt_sign_in("supervisor")
        print(f"OnDijon: {url}  (devices: mqtt://{broker['host']}:{broker['port']})", flush=True)
        for one in self.accounts:
            print(f"  {one.username:<8} {one.password:<22} {one.label['fr']} / {one.label['en']}", flush=True)


def role_process(role: str, city: str, home: Path, environ: Mapping[str, str]) -> RoleProcess:
    """A role over the card in `home`, as a child."""
    argv = [sys.executable, "-m", "ondijon", "run", "--only", role, "--city", city, "--home", str(home)]
    return RoleProcess(role, argv, environ=environ, on_line=pass_line)


async def supervise(wish: Wish) -> None:
    """Run a whole post."""
    await Assembly(wish, os.environ).run()
