"""How far the post is behind its field, asked of the broker that keeps what was not yet acknowledged."""

import asyncio
import logging
from collections.abc import Sequence
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
    """Asks the broker (JetStream API, ADR 3) about each consumer of what the field says; `last` None: not known."""

    def __init__(self, bus: NatsBus, subjects: Sequence[str]) -> None:
        """subjects: where what the field says lies, in NATS's spelling, such as `ondijon.1.up.`."""
        self._bus = bus
        self._subjects = tuple(f"$MQTT.msgs.{subject}" for subject in subjects)
        # The filter of each consumer by its name.
        self._filters: dict[str, str] = {}
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
        if now_s - self._found_at >= FIND_EVERY_S or not self._filters:
            self._filters, self._found_at = await self._find(), now_s
        told = [await self._ask(f"CONSUMER.INFO.{STREAM}.{name}", {}) for name in self._filters]
        if not told or any("error" in one for one in told):
            self._filters = {}
            return None
        waiting = sum(one["num_pending"] for one in told)
        in_hand = sum(one["num_ack_pending"] for one in told)
        ages = [await self._age_s(one) for one in told if _has_some(one)]
        return Backlog(waiting, in_hand, sum(one["num_redelivered"] for one in told), max(ages, default=0.0))

    async def _find(self) -> dict[str, str]:
        """The consumers whose filter lies within our subjects, of as many pages as there are."""
        filters: dict[str, str] = {}
        seen, total = 0, 1
        while seen < total:
            page = await self._ask(f"CONSUMER.LIST.{STREAM}", {"offset": seen})
            consumers = page.get("consumers") or []
            total = page.get("total", 0) if consumers else 0
            seen += len(consumers)
            told = {one["name"]: one["config"].get("filter_subject", "") for one in consumers}
            filters |= {name: subject for name, subject in told.items() if subject.startswith(self._subjects)}
        return filters

    async def _age_s(self, consumer: dict[str, Any]) -> float:
        """Age of its first message after what was acknowledged without a gap."""
        wanted = {"seq": consumer["ack_floor"]["stream_seq"] + 1, "next_by_subj": self._filters[consumer["name"]]}
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
