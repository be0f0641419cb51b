"""The supervisor reports its services as any gateway reports its devices: SenML over MQTT."""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from ondijon.cli.prepare import SERVICES
from ondijon.drivers.mqtt.protocol.topics import up
from ondijon.kernel.clock import Clock
from ondijon.runtime.field_role import POST_GATEWAY
from ondijon.runtime.supervisor import ServiceState, Working

LEAST_PAUSE_S = 2.0
# What reports, by the name of its twin; of several hosts each has its own.
PLAIN_NAMES: Mapping[str, str] = {name: name for name in SERVICES}


class HealthReport:
    """Keeps an MQTT connection and publishes what changed, at most every two seconds unless a state turns."""

    def __init__(self, mqtt_url: str, clock: Clock, names: Mapping[str, str] = PLAIN_NAMES) -> None:
        self._url = urlsplit(mqtt_url)
        self._clock = clock
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=f"{names['post']}-supervisor", clean_session=True)
        self._names = names
        self._client.username_pw_set(self._url.username, self._url.password)
        self._states: dict[str, Working] = {}
        self._cpu: dict[str, tuple[float, float]] = {}
        self._figures: dict[str, dict[str, float]] = {}
        self._last_s = 0.0

    def hear(self, role: str, detail: Mapping[str, object]) -> None:
        """Note the numbers that a role's heartbeat told of itself; they go out with the next report."""
        self._figures[role] = {key: value for key, value in detail.items() if isinstance(value, int | float)}

    def start(self) -> None:
        """Connect in the background, again and again."""
        self._client.reconnect_delay_set(1, 5)
        self._client.connect_async(self._url.hostname or "127.0.0.1", self._url.port or 1883)
        self._client.loop_start()

    def stop(self) -> None:
        """Close the connection and its thread."""
        self._client.disconnect()
        self._client.loop_stop()

    def tell(self, services: Sequence[ServiceState]) -> None:
        """Publish the services as readings; called from the loop, never waits. A wanted stop is no fault."""
        if any(one.state in (Working.STOPPING, Working.STOPPED) for one in services):
            return
        now_s = self._clock.now_us() / 1e6
        states = {one.name: one.state for one in services}
        if states == self._states and now_s - self._last_s < LEAST_PAUSE_S:
            return
        self._states, self._last_s = states, now_s
        records: list[dict[str, object]] = [{"bt": now_s, "n": f"{self._names['post']}/up", "vb": True}]
        records += self._figures_of("post")
        for one in services:
            if one.name in self._names:
                records += self._records(one, now_s)
        if self._client.is_connected():
            self._client.publish(up(POST_GATEWAY, "telemetry"), json.dumps(records), qos=1)

    def _records(self, one: ServiceState, now_s: float) -> list[dict[str, object]]:
        before_s, before_cpu = self._cpu.get(one.name, (now_s, one.cpu_s))
        self._cpu[one.name] = (now_s, one.cpu_s)
        spent = max(one.cpu_s - before_cpu, 0.0) / (now_s - before_s) if now_s > before_s else 0.0
        name = self._names[one.name]
        return [
            *self._figures_of(one.name),
            {"n": f"{name}/up", "vb": one.state == Working.READY},
            {"n": f"{name}/restarts", "v": one.restarts},
            {"n": f"{name}/memory", "v": one.rss_bytes},
            {"n": f"{name}/cpu", "v": round(spent, 4)},
        ]

    def _figures_of(self, name: str) -> list[dict[str, object]]:
        return [
            {"n": f"{name}/{key}", "vb" if isinstance(value, bool) else "v": value}
            for key, value in self._figures.get(name, {}).items()
        ]
