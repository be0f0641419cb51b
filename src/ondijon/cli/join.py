"""The join file: which host does what, and what all of them must know to be one post."""

import argparse
import ipaddress
import secrets
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from ondijon.cli.bodies import ROLES
from ondijon.cli.places import city_folder, field_key, home_of, write_private
from ondijon.infra.nats.config import CLIENT_PORT, MQTT_PORT, Node
from ondijon.infra.nats.secrets_file import BusSecrets, read_or_make_secrets
from ondijon.infra.postgres.listening import Listening
from ondijon.infra.postgres.server import POST
from ondijon.kernel.errors import Refused

JOIN_NAME = "join.json"
ENGINES = ("postgres", "nats")
SERVICES = (*ENGINES, *ROLES)
DATABASE = "ondijon"
# Into how many parts the field is divided when there is more than one gateway role; each can hold several.
SHARES = 4
ONCE = ("postgres", "core")
_NODES = (1, 3)


class HostPlan(Struct, frozen=True):
    """One host: the address by which the others reach it, and the services it runs."""

    address: str
    does: tuple[str, ...]


class Join(Struct, frozen=True):
    """All hosts, and the secrets they share; whoever reads it can do what the post can."""

    city: str
    hosts: tuple[HostPlan, ...]
    bus: BusSecrets
    route_password: str
    database_password: str
    field_key: str

    def host(self, address: str) -> HostPlan:
        """The plan of one host; raises Refused when it has none."""
        for host in self.hosts:
            if host.address == address:
                return host
        raise Refused("error.join_unknown_host", address=address)

    def that_do(self, service: str) -> list[str]:
        """The addresses of the hosts that run a service, in their order."""
        return [host.address for host in self.hosts if service in host.does]

    def nodes_for(self, address: str) -> list[str]:
        """The brokers, a host's own first."""
        return sorted(self.that_do("nats"), key=lambda node: node != address)

    @property
    def shares(self) -> int:
        """Into how many parts the field is divided."""
        return SHARES if len(self.that_do("gateway")) > 1 else 1

    @property
    def listening(self) -> Listening:
        """How the database is reached."""
        addresses = tuple(host.address for host in self.hosts)
        return Listening(self.that_do("postgres")[0], addresses, self.database_password)

    def node(self, address: str) -> Node:
        """One broker of the cluster."""
        return Node(address, tuple(self.that_do("nats")), self.bus, self.route_password, self.shares)

    def database_url(self) -> str:
        """The database as other hosts reach it."""
        return self.listening.dsn(DATABASE, POST)

    def bus_url(self, address: str, user: str) -> str:
        """All brokers for one of the post's users on a host."""
        nodes = self.nodes_for(address)
        return ",".join(f"nats://{user}:{self.bus.passwords[user]}@{node}:{CLIENT_PORT}" for node in nodes)

    def mqtt_url(self, address: str, user: str) -> str:
        """The nearest broker as a device sees it."""
        return f"mqtt://{user}:{self.bus.passwords[user]}@{self.nodes_for(address)[0]}:{MQTT_PORT}"

    def mqtt_others(self, address: str) -> tuple[tuple[str, int], ...]:
        """The other brokers."""
        return tuple((node, MQTT_PORT) for node in self.nodes_for(address)[1:])

    def device(self, address: str, service: str) -> str:
        """The name of a service's twin: that of the first host has the plain name."""
        doing = [host.address for host in self.hosts] if service == "post" else self.that_do(service)
        place = [host.address for host in self.hosts].index(address) + 1
        return service if doing[0] == address else f"{service}-{place}"

    @property
    def services(self) -> list[str]:
        """The names of all twins of services."""
        return [self.device(host.address, service) for host in self.hosts for service in ("post", *host.does)]


def read_join(path: Path) -> Join:
    """The file; raises Refused when it is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Join)
    except (OSError, msgspec.MsgspecError) as error:
        raise Refused("error.join_unreadable", path=str(path)) from error


def parse_hosts(words: Sequence[str]) -> tuple[HostPlan, ...]:
    """ADDRESS=service,service,... of each host; raises Refused on what cannot work."""
    hosts = []
    for word in words:
        address, _, does = word.partition("=")
        services = tuple(does.split(","))
        if not _is_address(address) or not set(services) <= set(SERVICES):
            raise Refused("error.join_bad_host", word=word, services=", ".join(SERVICES))
        hosts.append(HostPlan(address, services))
    counts = Counter(service for host in hosts for service in host.does)
    for service in SERVICES:
        if (service in ONCE and counts[service] != 1) or (service != "simulator" and not counts[service]):
            raise Refused("error.join_service_count", service=service, count=counts[service])
    if counts["nats"] not in _NODES:
        raise Refused("error.join_nodes", count=counts["nats"])
    if len({host.address for host in hosts}) != len(hosts):
        raise Refused("error.join_bad_host", word=words[-1], services=", ".join(SERVICES))
    return tuple(hosts)


async def run_join(options: argparse.Namespace) -> None:
    """Write the join file below the home of the first host; it is carried to the others by hand."""
    city_folder(options.city)
    home = home_of(options.city, options.home)
    hosts = parse_hosts(options.host)
    path = home / JOIN_NAME
    if path.exists():
        # The secrets stay: hosts that have joined know them.
        join = msgspec.structs.replace(read_join(path), hosts=hosts)
    else:
        nats = home / "nats"
        nats.mkdir(mode=0o700, exist_ok=True)
        join = Join(
            options.city,
            hosts,
            read_or_make_secrets(nats / "join-secrets.json"),
            secrets.token_hex(16),
            secrets.token_hex(16),
            field_key(home).hex(),
        )
        (nats / "join-secrets.json").unlink()
    write_private(path, msgspec.json.encode(join))
    print(path)


def _is_address(text: str) -> bool:
    try:
        return ipaddress.ip_address(text).version == 4
    except ValueError:
        return False
