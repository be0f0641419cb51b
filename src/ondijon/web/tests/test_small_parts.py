"""Throttle, roles, mailbox, documents and errors, each by itself."""

import asyncio
import gzip

import msgspec
import pytest

from ondijon.kernel.errors import FieldFault, NotAllowed, NotFound, OndijonError, Refused, RemoteProtocolError
from ondijon.testing.fakes import RowsAway, StillClock
from ondijon.web.documents import accepts_gzip, make_document
from ondijon.web.errors import BadOrigin, NotSignedIn, TooOften, status_of
from ondijon.web.mailbox import MOST_TEXTS, Mailbox
from ondijon.web.roles import Heartbeat, RoleWatch
from ondijon.web.tests.conftest import settle
from ondijon.web.throttle import Throttle


def test_the_seventh_try_of_a_name_from_an_address_must_wait(clock: StillClock) -> None:
    throttle = Throttle(clock.monotonic)
    for _ in range(6):
        throttle.count_try("anne", "10.0.0.1")
        clock.advance(1)
    with pytest.raises(TooOften) as refused:
        throttle.count_try("anne", "10.0.0.1")
    assert refused.value.values["retry_s"] == 294
    throttle.count_try("anne", "10.0.0.2")
    throttle.count_try("jean", "10.0.0.1")
    clock.advance(295)
    throttle.count_try("anne", "10.0.0.1")


def test_one_address_may_not_try_every_name(clock: StillClock) -> None:
    throttle = Throttle(clock.monotonic)
    for number in range(60):
        throttle.count_try(f"name{number}", "10.0.0.1")
    with pytest.raises(TooOften):
        throttle.count_try("name60", "10.0.0.1")


def test_a_success_starts_the_name_afresh(clock: StillClock) -> None:
    throttle = Throttle(clock.monotonic)
    for _ in range(200):
        throttle.count_try("anne", "10.0.0.1")
        throttle.forgive("anne", "10.0.0.1")


def test_the_throttle_s_memory_is_bounded(clock: StillClock) -> None:
    throttle = Throttle(clock.monotonic)
    for number in range(30_000):
        throttle.count_try("anne", f"address{number}")
    assert len(throttle._tries) <= 10_002


def beat(role: str, state: str = "ready", node: str = "") -> bytes:
    return msgspec.json.encode(
        {"role": role, "state": state, "pid": 1, "at": "2026-11-21T20:00:00Z", "detail": {"x": 1}, "node": node}
    )


def test_a_role_that_is_not_heard_is_silent_and_the_post_not_ready(clock: StillClock) -> None:
    watch = RoleWatch(("gateway", "core"), clock.monotonic)
    assert watch.states() == {"gateway": "silent", "core": "silent"}
    watch.hear(beat("gateway"))
    watch.hear(beat("core", "starting"))
    assert (watch.is_ready(), watch.states()) == (False, {"gateway": "ready", "core": "starting"})
    watch.hear(beat("core"))
    watch.hear(beat("simulator", "failed"))
    clock.advance(0.4)
    assert watch.is_ready()
    assert (watch.report()["gateway"].age_s, watch.report()["simulator"].state) == (0.4, "failed")
    clock.advance(3)
    assert not watch.is_ready()


def test_of_two_hosts_a_silent_one_counts_until_the_other_must_have_taken_over(clock: StillClock) -> None:
    watch = RoleWatch(("gateway",), clock.monotonic)
    watch.hear(beat("gateway", node="10.0.0.2"))
    watch.hear(beat("gateway", node="10.0.0.3"))
    for second in range(1, 12):
        clock.advance(1)
        watch.hear(beat("gateway", node="10.0.0.3"))
        assert watch.is_ready() == (second <= 3 or second >= 10)


def test_a_heartbeat_that_is_none_is_refused(clock: StillClock) -> None:
    with pytest.raises(RemoteProtocolError):
        RoleWatch((), clock.monotonic).hear(b'{"role": "x"}')
    assert msgspec.json.decode(beat("x"), type=Heartbeat).role == "x"


async def test_a_mailbox_is_clear_only_when_everything_has_been_taken() -> None:
    mailbox, taken, gate = Mailbox(), list[str | bytes](), asyncio.Event()

    async def send(item: str | bytes) -> None:
        await gate.wait()
        taken.append(item)

    sending = asyncio.create_task(mailbox.send_all(send))
    mailbox.put_text("a")
    mailbox.put_frames([b"1", b"2"])
    await asyncio.sleep(0)
    assert not mailbox.is_clear
    mailbox.drop_frames()
    mailbox.put_text("b")
    gate.set()
    await settle(mailbox)
    assert taken == ["a", "b"]
    sending.cancel()


def test_a_mailbox_that_nobody_empties_says_so() -> None:
    mailbox = Mailbox()
    fullness = []
    for _ in range(MOST_TEXTS + 1):
        mailbox.put_text("x")
        fullness.append(mailbox.is_full)
    mailbox.take_all()
    assert (sum(fullness), fullness[-1], mailbox.is_full) == (1, True, False)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotSignedIn("k"), 401),
        (BadOrigin("k"), 403),
        (NotAllowed("k"), 403),
        (NotFound("k"), 404),
        (Refused("error.already_undone"), 409),
        (Refused("error.bad_expiry"), 400),
        (TooOften("k"), 429),
        (RowsAway("k"), 503),
        (FieldFault("k"), 502),
        (OndijonError("k"), 500),
    ],
)
def test_each_error_has_its_status(error: OndijonError, status: int) -> None:
    assert status_of(error) == status


def test_a_document_is_compressed_only_where_that_helps() -> None:
    large = make_document(b"[1, 2, 3]" * 1000, "application/json")
    assert large.compressed is not None
    assert gzip.decompress(large.compressed) == large.content
    assert make_document(b"[1]", "application/json").compressed is None
    assert large.etag != make_document(b"[2]", "application/json").etag


@pytest.mark.parametrize(
    ("offer", "accepted"),
    [("gzip, br", True), ("br", False), ("gzip;q=0", False), ("*, GZIP;q=0.5", True), ("", False)],
)
def test_gzip_is_sent_only_to_who_accepts_it(offer: str, accepted: bool) -> None:
    assert accepts_gzip({"accept-encoding": offer}) is accepted
