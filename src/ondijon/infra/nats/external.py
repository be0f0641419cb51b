"""A NATS cluster or an MQTT broker that somebody else runs, named by ONDIJON_NATS_URL and ONDIJON_MQTT_URL."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ondijon.infra.nats.bus import BusAway, NatsBus
from ondijon.infra.nats.config import Ports
from ondijon.infra.nats.refusals import OnRefusal
from ondijon.infra.nats.server import EmbeddedNats
from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import Refused

NATS_URL = "ONDIJON_NATS_URL"
MQTT_URL = "ONDIJON_MQTT_URL"
_SCHEMES = {NATS_URL: ("nats", "tls"), MQTT_URL: ("mqtt", "mqtts")}


class ExternalNats:
    """The same face as EmbeddedNats; it starts and stops nothing.

    Who a device is and where it may publish is then the outside broker's to check.
    """

    name = "nats"
    pid: int | None = None

    def __init__(self, url: str) -> None:
        self._url = _checked(NATS_URL, url)
        self._ready = asyncio.Event()
        self._stopped = asyncio.Event()

    def nats_url(self, user: str) -> str:
        """The same address for every role: the operator's URL carries its own user."""
        return self._url

    async def start(self, limit_s: float = 30.0) -> None:
        """Prove that it takes us in; raises Refused when it does not within `limit_s`."""
        self._stopped.clear()
        try:
            bus = await NatsBus.open(self._url, "ondijon", limit_s)
        except BusAway as error:
            raise Refused("error.nats_unreachable", detail=str(error.values["detail"])) from error
        await bus.close()
        self._ready.set()

    async def stop(self, grace_s: float = 1.5) -> None:
        """Let go of it; the server itself goes on."""
        self._ready.clear()
        self._stopped.set()

    async def wait_exit(self) -> int:
        """Wait for `stop`: the bus client reconnects by itself when an outside server goes and comes."""
        await self._stopped.wait()
        return 0

    async def ready(self) -> None:
        """Wait until the server passed its check."""
        await self._ready.wait()


@dataclass(frozen=True)
class FieldBus:
    """The bus server to run or to use, and the MQTT broker that the field speaks to."""

    server: EmbeddedNats | ExternalNats
    outside_mqtt: str | None

    def mqtt_url(self, user: str) -> str:
        """The broker's address for one of the post's own users."""
        if self.outside_mqtt is not None:
            return self.outside_mqtt
        assert isinstance(self.server, EmbeddedNats)
        return self.server.mqtt_url(user)


def field_bus_from(
    home: Path, environ: Mapping[str, str], clock: Clock, on_refusal: OnRefusal, ports: Ports | None = None
) -> FieldBus:
    """What the environment names, else our own below `home`; raises Refused on a URL that will not do."""
    nats_url, mqtt_url = environ.get(NATS_URL, ""), environ.get(MQTT_URL, "")
    if nats_url and not mqtt_url:
        raise Refused("error.nats_mqtt_url_missing")
    outside_mqtt = _checked(MQTT_URL, mqtt_url) if mqtt_url else None
    if nats_url:
        return FieldBus(ExternalNats(nats_url), outside_mqtt)
    return FieldBus(EmbeddedNats(home, clock=clock, on_refusal=on_refusal, ports=ports), outside_mqtt)


def _checked(variable: str, url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES[variable] or not parts.hostname:
        raise Refused("error.nats_bad_url", variable=variable, schemes=" ".join(_SCHEMES[variable]))
    return url
