"""The broker's configuration file: three accounts, JetStream, an MQTT listener, devices by auth callout."""

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
server_name: "ondijon"
listen: "127.0.0.1:{client_port}"
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
  listen: "127.0.0.1:{mqtt_port}"
  max_ack_pending: 8000
  ack_wait: "5s"
}}
accounts {{
  SYS {{ users: [{system}] }}
  AUTH {{ users: [{callout}] }}
  {account} {{ jetstream: enabled, users: [{post}] }}
}}
system_account: SYS
authorization {{
  timeout: {sign_in_s}
  auth_callout {{ issuer: "{issuer}", account: AUTH, auth_users: [{bypass}] }}
}}
"""
# A gateway that asks while the callout is away waits this long before it may try again.
_SIGN_IN_S = 2


@dataclass(frozen=True)
class Ports:
    """Where the broker listens on loopback; ANY_PORT lets the machine choose."""

    client: int = ANY_PORT
    mqtt: int = ANY_PORT


def render_config(home: Path, ports: Ports, keys: BusSecrets, sync_interval: str) -> str:
    """The configuration of a broker whose files lie in `home`."""
    return _TEMPLATE.format(
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


def _user(name: str, keys: BusSecrets) -> str:
    return f'{{ user: "{name}", password: "{keys.passwords[name]}" }}'
