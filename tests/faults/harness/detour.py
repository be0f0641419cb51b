"""Two lines that can be broken: between everybody and the bus, and between every device and the broker."""

from urllib.parse import urlsplit

import msgspec

from ondijon.cli.places import PostCard
from tests.faults.harness.proxy import ChaosProxy


class Detour:
    """Rewrites a post's card, so that its roles and its gateways reach the broker through two proxies."""

    def __init__(self) -> None:
        self._proxies: dict[int, ChaosProxy] = {}

    def through(self, card: PostCard) -> PostCard:
        """The card with every address of the broker replaced; proxies are made once for each port."""
        callout = None
        if card.callout is not None:
            callout_url, system_url, seed = card.callout
            callout = (self._around(callout_url), self._around(system_url), seed)
        return msgspec.structs.replace(
            card,
            bus_url={role: self._around(url) for role, url in card.bus_url.items()},
            mqtt_url={role: self._around(url) for role, url in card.mqtt_url.items()},
            callout=callout,
        )

    def cut(self) -> None:
        for proxy in self._proxies.values():
            proxy.cut()

    def silence(self) -> None:
        for proxy in self._proxies.values():
            proxy.silence()

    def delay(self, seconds: float) -> None:
        for proxy in self._proxies.values():
            proxy.delay(seconds)

    def heal(self) -> None:
        for proxy in self._proxies.values():
            proxy.heal()

    def close(self) -> None:
        for proxy in self._proxies.values():
            proxy.close()

    def _around(self, url: str) -> str:
        parts = urlsplit(url)
        assert parts.hostname is not None and parts.port is not None
        if parts.port not in self._proxies:
            self._proxies[parts.port] = ChaosProxy((parts.hostname, parts.port))
        return url.removesuffix(f":{parts.port}") + f":{self._proxies[parts.port].port}"
