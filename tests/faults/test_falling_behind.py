"""A database that is too slow for its field: overtaken measurements are left out and counted, nothing else is."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import psutil
import pytest

from tests.faults.deadline import tell, until
from tests.faults.field_gateway import FieldGateway
from tests.faults.harness.form import long_only
from tests.faults.running_post import RunningPost
from tests.faults.town import BENCH_GATEWAY, BENCHES, SPARE_BENCHES, bench_name, bench_urn, own_gateway

pytestmark = [pytest.mark.faults, pytest.mark.engines, long_only]

PACKS_A_SECOND = 100
SLEEPS_S, WORKS_S = 0.9, 0.05
LATE_LIMIT_S, SHED_FOR_S, DRAIN_LIMIT_S = 240.0, 20.0, 240.0
*DRIPPING, ALARMING = range(BENCHES, BENCHES + SPARE_BENCHES)
OURS = [bench_urn(number) for number in DRIPPING]
HEAVY_G = 900_000
ROWS = """SELECT count(*) FROM readings JOIN twins USING (twin_no) JOIN properties USING (property_no)
          WHERE twins.urn = ANY($1) AND properties.key = 'load_kg'"""
SHED = "SELECT coalesce(sum(count), 0)::bigint FROM readings_shed WHERE twin_type = 'ParkBench'"


class Drip:
    """One gateway whose benches report their load again and again, faster than a slow database takes it in."""

    def __init__(self, gateway: FieldGateway) -> None:
        self.sent = 0
        self.last_kg: dict[int, float] = {}
        self._gateway = gateway
        self._mids: list[int] = []
        self._heavy = threading.Event()
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Drip":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def overload(self) -> None:
        """Let the last bench be too heavy, once."""
        self._heavy.set()

    def stop(self) -> None:
        """Send no more, and wait for the broker's word on all of it."""
        self._enough.set()
        self._thread.join()
        until("every pack is acknowledged", lambda: self._gateway.acked.issuperset(self._mids), 60.0)

    def _run(self) -> None:
        due = time.monotonic()
        while not self._enough.is_set():
            bench = DRIPPING[self.sent % len(DRIPPING)]
            self.last_kg[bench] = self.sent % 300
            self._send(bench, 1_000 * self.last_kg[bench])
            self.sent += 1
            if self._heavy.is_set():
                self._heavy.clear()
                self._send(ALARMING, HEAVY_G)
            due += 1 / PACKS_A_SECOND
            time.sleep(max(0.0, due - time.monotonic()))

    def _send(self, bench: int, load_g: float) -> None:
        pack = self._gateway.next_pack({"n": f"{bench_name(bench)}/load", "v": load_g})
        self._mids.append(self._gateway.send(self._gateway.up + "telemetry", pack))


@contextmanager
def slow_database(post: RunningPost) -> Iterator[None]:
    """The database works for a twentieth of the time."""
    postmaster = post.find_pid("postgres")
    assert postmaster is not None
    enough = threading.Event()

    def slow_down() -> None:
        while not enough.is_set():
            family = [postmaster, *(one.pid for one in psutil.Process(postmaster).children(recursive=True))]
            _signal(family, signal.SIGSTOP)
            time.sleep(SLEEPS_S)
            _signal(family, signal.SIGCONT)
            time.sleep(WORKS_S)

    thread = threading.Thread(target=slow_down)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def _signal(family: list[int], wanted: signal.Signals) -> None:
    for pid in family:
        try:
            os.kill(pid, wanted)
        except ProcessLookupError:
            continue


def read_metric(post: RunningPost, name: str) -> float | None:
    """A figure without labels, summed over those with; None while it is not known."""
    token = (post.home / "metrics-token").read_text("ascii").strip()
    try:
        answer = httpx.get(f"{post.origin}/metrics", headers={"Authorization": f"Bearer {token}"}, timeout=30.0)
    except httpx.HTTPError:
        return None
    found = [line.rpartition(" ")[2] for line in answer.text.splitlines() if line.split("{")[0].split(" ")[0] == name]
    return sum(map(float, found)) if found else None


def test_what_is_overtaken_is_left_out_and_counted_and_alarms_get_through(post: RunningPost) -> None:
    written_before, shed_before = post.count(ROWS, OURS), post.count(SHED)
    with FieldGateway(post, own_gateway(BENCH_GATEWAY), keeps_trying=True) as gateway, Drip(gateway) as drip:
        began = time.monotonic()
        with slow_database(post):
            until("the post sheds", lambda: read_metric(post, "ondijon_shedding"), LATE_LIMIT_S)
            late_s = read_metric(post, "ondijon_behind_seconds")
            tell("until readings are shed", f"{time.monotonic() - began:.0f} s, then {late_s:.0f} s behind")
            drip.overload()
            time.sleep(SHED_FOR_S)
        drip.stop()
        calm_since = time.monotonic()
        until("the post is up to date", lambda: read_metric(post, "ondijon_backlog_messages") == 0, DRAIN_LIMIT_S)
        drained_s = time.monotonic() - calm_since
        until("the shedding ends", lambda: read_metric(post, "ondijon_shedding") == 0, 30.0)
    written, shed = post.count(ROWS, OURS) - written_before, post.count(SHED) - shed_before
    tell("falling behind", f"{drip.sent} sent, {written} written, {shed} shed; drained within {drained_s:.0f} s")
    assert shed > 0
    assert written + shed == drip.sent
    newest = post.rows(
        """SELECT DISTINCT ON (urn) urn, value FROM readings
           JOIN twins USING (twin_no) JOIN properties USING (property_no)
           WHERE urn = ANY($1) AND key = 'load_kg' ORDER BY urn, observed_at DESC""",
        OURS,
    )
    assert {row["urn"]: row["value"] for row in newest} == {bench_urn(one): kg for one, kg in drip.last_kg.items()}
    raised = "SELECT count(*) FROM events WHERE key = 'alarm.raised' AND twin = $1"
    assert post.count(raised, bench_urn(ALARMING)) == 1
    assert post.count("SELECT count(*) FROM alarms WHERE type = 'platform.shedding'") == 1
