"""The broker's configuration file: three accounts, JetStream, MQTT, devices by auth callout, nodes of a cluster."""

from dataclasses import dataclass
from pathlib import Path

from ondijon.infra.nats.secrets_file import CALLOUT_USER, POST_USERS, SYSTEM_USER, BusSecrets

POST_ACCOUNT = "POST"
ANY_PORT = -1

# default_max_consumers: each QoS 1 subscription is a consumer, and the server's default ends at 1,000.
# max_payload: a frame between our roles may carry a whole city; the driver limits what devices send.
# max_ack_pending: what the core may have in hand between reading a message and its commit; with max_pending it
# keeps a backlog of large packs from ending as a slow consumer. ack_wait: what a killed core had in hand comes again.
_TEMPLATE = """\
server_name: "{name}"
listen: "{address}:{client_port}"
pid_file: "{home}/nats.pid"
logtime: false
max_pending: 256MB
max_payload: 8MB
jetstream {{
  store_dir: "{home}/jetstream"
  sync_interval: "{sync_interval}"
  limits {{ default_max_consumers: 100000 }}
}}
mqtt {{
  listen: "{address}:{mqtt_port}"
  max_ack_pending: 8000
  ack_wait: "5s"{replicas}
}}
{cluster}accounts {{
  SYS {{ users: [{system}] }}
  AUTH {{ users: [{callout}] }}
  {account} {{ jetstream: enabled, users: [{post}]{mappings} }}
}}
system_account: SYS
authorization {{
  timeout: {sign_in_s}
  auth_callout {{ issuer: "{issuer}", account: AUTH, auth_users: [{bypass}] }}
}}
"""
# A route signs in with a password of its own.
_CLUSTER = """\
cluster {{
  name: "ondijon"
  listen: "{address}:{route_port}"
  authorization {{ user: "routes", password: "{password}", timeout: 2 }}
  routes: [{routes}]
}}
"""
# Which part of the field a message is of, for gateway roles that share it (kernel/sharing.py reckons the same).
_MAPPING = ', mappings: {{ "ondijon.1.up.*.>": "ondijon.1.share.{{{{partition({shares},1)}}}}.{{{{wildcard(1)}}}}.>" }}'
CLIENT_PORT, MQTT_PORT, ROUTE_PORT = 4222, 1883, 6222
LOOPBACK = "127.0.0.1"
# A gateway that asks while the callout is away waits this long before it may try again.
_SIGN_IN_S = 2


@dataclass(frozen=True)
class Ports:
    """Where the broker listens on loopback; ANY_PORT lets the machine choose."""

    client: int = ANY_PORT
    mqtt: int = ANY_PORT


@dataclass(frozen=True)
class Node:
    """One broker of several hosts: where it listens, all nodes of the cluster, and what they all know.

    shares: parts that the field is divided into, 1 for none. A cluster has three nodes, so that two outvote one.
    """

    address: str
    nodes: tuple[str, ...]
    secrets: BusSecrets
    route_password: str
    shares: int


def render_config(home: Path, ports: Ports, keys: BusSecrets, sync_interval: str, node: Node | None = None) -> str:
    """The configuration of a broker whose files lie in `home`."""
    is_cluster = node is not None and len(node.nodes) > 1
    return _TEMPLATE.format(
        name="ondijon" if node is None else f"ondijon-{node.address}",
        address=LOOPBACK if node is None else node.address,
        replicas=f"\n  stream_replicas: {len(node.nodes)}" if node is not None and is_cluster else "",
        cluster=_cluster(node) if node is not None and is_cluster else "",
        mappings=_MAPPING.format(shares=node.shares) if node is not None and node.shares > 1 else "",
        home=home,
        client_port=ports.client,
        mqtt_port=ports.mqtt,
        sync_interval=sync_interval,
        account=POST_ACCOUNT,
        system=_user(SYSTEM_USER, keys),
        callout=_user(CALLOUT_USER, keys),
        post=", ".join(_user(name, keys) for name in POST_USERS),
        issuer=keys.issuer,
        bypass=", ".join(f'"{name}"' for name in keys.passwords),
        sign_in_s=_SIGN_IN_S,
    )


def _cluster(node: Node) -> str:
    routes = [f'"nats://routes:{node.route_password}@{one}:{ROUTE_PORT}"' for one in node.nodes if one != node.address]
    return _CLUSTER.format(
        address=node.address, route_port=ROUTE_PORT, password=node.route_password, routes=", ".join(routes)
    )


def _user(name: str, keys: BusSecrets) -> str:
    return f'{{ user: "{name}", password: "{keys.passwords[name]}" }}'
