"""Numbered packs of many gateways, and which of them are in the history."""

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncpg

from tests.faults.deadline import tell, until
from tests.faults.field_gateway import FieldGateway
from tests.faults.running_post import RunningPost
from tests.faults.town import own_gateway, own_light, own_light_urn

LIMIT_S = 60.0


@dataclass
class Stream:
    """One connected gateway; pack n says the value n, at an instant of its own."""

    number: int
    gateway: FieldGateway
    began_ms: int
    sent: dict[int, int] = field(default_factory=dict)

    def publish(self) -> None:
        """Send the next pack and go on."""
        number = len(self.sent) + 1
        at_s = (self.began_ms + number) / 1_000
        pack = [{"bt": at_s, "n": "seq", "v": number}, {"n": f"{own_light(self.number, 0)}/power", "v": number}]
        self.sent[self.gateway.send(self.gateway.up + "telemetry", json.dumps(pack))] = number

    def acked(self) -> set[tuple[str, int]]:
        """The packs that the broker says it has."""
        urn, acked = own_light_urn(self.number, 0), self.gateway.acked
        return {(urn, number) for mid, number in self.sent.items() if mid in acked}


class Streams:
    """Many gateways together."""

    def __init__(self, post: RunningPost, numbers: Sequence[int]) -> None:
        self._post = post
        began_ms = int((time.time() - 60) * 1_000)
        self._streams = [Stream(number, FieldGateway(post, own_gateway(number)), began_ms) for number in numbers]

    def connect(self) -> None:
        for stream in self._streams:
            stream.gateway.connect()

    def leave(self) -> None:
        for stream in self._streams:
            stream.gateway.leave()

    @property
    def sent(self) -> int:
        return sum(len(stream.sent) for stream in self._streams)

    def publish_round(self) -> None:
        """The next pack of every gateway."""
        for stream in self._streams:
            stream.publish()

    def publish_paced(self, rounds: int, every_s: float) -> None:
        """A round each `every_s`."""
        due = time.monotonic()
        for _ in range(rounds):
            until("the next round", lambda at=due: time.monotonic() >= at, LIMIT_S)  # type: ignore[misc]
            self.publish_round()
            due += every_s

    def await_acks(self) -> None:
        until("every PUBACK", lambda: sum(len(one.acked()) for one in self._streams) == self.sent, LIMIT_S)

    def rows(self) -> Counter[tuple[str, int]]:
        """How many rows each pack has in the history; nothing while the database is away."""
        urns = [own_light_urn(stream.number, 0) for stream in self._streams]
        sql = """SELECT urn, observed_at, count(*) AS n, min(value) AS number FROM readings JOIN twins USING (twin_no)
                 WHERE urn = ANY($1::text[]) GROUP BY urn, observed_at"""
        try:
            return Counter({(row["urn"], int(row["number"])): row["n"] for row in self._post.rows(sql, urns)})
        except (OSError, asyncpg.PostgresError):
            return Counter()

    def await_rows(self, count: int) -> None:
        until(f"{count} packs are in", lambda: len(self.rows()) >= count, LIMIT_S)

    def judge(self, what: str) -> None:
        """Wait until everything acknowledged is in; fail unless it is there exactly once."""
        self.await_acks()
        acked = {pack for stream in self._streams for pack in stream.acked()}
        until("every acknowledged pack is in", lambda: acked <= set(self.rows()), LIMIT_S)
        rows = self.rows()
        lost, doubled = acked - set(rows), [pack for pack, n in rows.items() if n > 1]
        tell(what, f"{self.sent} sent, {len(acked)} acked, {len(lost)} lost, {len(doubled)} duplicated")
        assert len(acked) == self.sent and not lost and not doubled
