"""A home's broker keeps its ports, so that devices find it again after a restart."""

import socket
from contextlib import closing
from pathlib import Path

import msgspec

from ondijon.cli.places import write_private
from ondijon.infra.nats.config import Ports
from ondijon.kernel.errors import Refused

PORTS_NAME = "ports.json"


def choose_ports(home: Path, mqtt: int | None) -> Ports:
    """The ports of this home, free ones at first; raises Refused when the one asked for is taken.

    A remembered port that somebody else has taken since is chosen anew.
    """
    path = home / PORTS_NAME
    known: dict[str, int] = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
    if mqtt is not None:
        check_port(mqtt)
        known["mqtt"] = mqtt
    ports = {name: _free(known.get(name, 0)) for name in ("client", "mqtt")}
    if ports != known:
        write_private(path, msgspec.json.encode(ports))
    return Ports(**ports)


def check_port(port: int, address: str = "127.0.0.1") -> None:
    """Refuse a port that somebody else has, before anything is started."""
    if _bound(port, address) is None:
        raise Refused("error.port_taken", port=port)


def _free(wanted: int) -> int:
    port = _bound(wanted) or _bound(0)
    assert port is not None
    return port


def _bound(port: int, address: str = "127.0.0.1") -> int | None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return None
        found: int = probe.getsockname()[1]
        return found
