"""How far the post is behind its field, asked of the broker that keeps what was not yet acknowledged."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Any

import msgspec

from ondijon.infra.nats.bus import BusAway, NatsBus
from ondijon.kernel.health import Backlog

_LOG = logging.getLogger(__name__)

STREAM = "$MQTT_msgs"
EVERY_S = 1.0
# Consumers come and go with subscriptions: who they are is asked again so often.
FIND_EVERY_S = 30.0
_ANSWER_S = 2.0


class BrokerBacklog:
    """Asks the broker (JetStream API, ADR 3) about every consumer of our own filter; `last` is None while unknown."""

    def __init__(self, bus: NatsBus, subject: str) -> None:
        """subject: what the field publishes to, in NATS's spelling, such as `ondijon.1.up.>`."""
        self._bus = bus
        self._filter = f"$MQTT.msgs.{subject}"
        self._names: list[str] = []
        self._found_at = -FIND_EVERY_S
        self.last: Backlog | None = None

    async def run(self) -> None:
        """Look each second until cancelled."""
        while True:
            try:
                self.last = await self.look()
            except (BusAway, LookupError, TypeError, ValueError) as error:
                self.last = None
                _LOG.debug("the broker does not tell its backlog: %s", error)
            await asyncio.sleep(EVERY_S)

    async def look(self) -> Backlog | None:
        """What waits now; None while nobody has subscribed yet.

        Raises BusAway, or LookupError, TypeError, ValueError on an answer that is none of the API's.
        """
        now_s = asyncio.get_running_loop().time()
        if now_s - self._found_at >= FIND_EVERY_S or not self._names:
            self._names, self._found_at = await self._find(), now_s
        told = [await self._ask(f"CONSUMER.INFO.{STREAM}.{name}", {}) for name in self._names]
        if not told or any("error" in one for one in told):
            self._names = []
            return None
        waiting = sum(one["num_pending"] for one in told)
        in_hand = sum(one["num_ack_pending"] for one in told)
        ages = [await self._age_s(one["ack_floor"]["stream_seq"]) for one in told if _has_some(one)]
        return Backlog(waiting, in_hand, sum(one["num_redelivered"] for one in told), max(ages, default=0.0))

    async def _find(self) -> list[str]:
        """The consumers whose filter lies within ours, of as many pages as there are."""
        names: list[str] = []
        seen, total = 0, 1
        while seen < total:
            page = await self._ask(f"CONSUMER.LIST.{STREAM}", {"offset": seen})
            consumers = page.get("consumers") or []
            total = page.get("total", 0) if consumers else 0
            seen += len(consumers)
            names += [one["name"] for one in consumers if self._is_ours(one["config"].get("filter_subject", ""))]
        return names

    def _is_ours(self, filter_subject: str) -> bool:
        return filter_subject == self._filter or filter_subject.startswith(self._filter.removesuffix(">"))

    async def _age_s(self, acknowledged_seq: int) -> float:
        """Age of the first message of the field that stands after what was acknowledged without a gap."""
        wanted = {"seq": acknowledged_seq + 1, "next_by_subj": self._filter}
        found = await self._ask(f"STREAM.MSG.GET.{STREAM}", wanted)
        if "message" not in found:
            return 0.0
        sent_at = datetime.fromisoformat(found["message"]["time"])
        return round(max(0.0, (datetime.now(UTC) - sent_at).total_seconds()), 1)

    async def _ask(self, what: str, wanted: dict[str, Any]) -> dict[str, Any]:
        answer = await self._bus.request(f"$JS.API.{what}", msgspec.json.encode(wanted), _ANSWER_S)
        return msgspec.json.decode(answer, type=dict[str, Any])


def _has_some(consumer: dict[str, Any]) -> bool:
    return bool(consumer["num_pending"] or consumer["num_ack_pending"])
