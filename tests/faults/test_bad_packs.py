"""A field that repeats, shuffles, comes late, tells a wrong time or talks nonsense harms nobody but itself."""

import random
import time
from collections.abc import Iterator

import pytest

from tests.faults.acts import value_of
from tests.faults.deadline import tell, until
from tests.faults.field_gateway import FieldGateway
from tests.faults.harness.bad_packs import WRONG_CLOCKS, at_instant, disordered, poisoned
from tests.faults.harness.form import IS_LONG
from tests.faults.harness.injector import PCT_A_NUMBER
from tests.faults.harness.rig import SEED, Fault, Rig
from tests.faults.running_post import RunningPost
from tests.faults.town import own_gateway, own_light_urn

pytestmark = [pytest.mark.faults, pytest.mark.engines]

BAD = 20
DISORDERED = 2_000 if IS_LONG else 400
MESSAGES, POISON_ONE_IN = (100_000, 10) if IS_LONG else (2_000, 10)
AT_ONCE = 500
# What one gateway says is committed 16 packs at a time: a long tail after so many of one.
BACKLOG_LIMIT_S = 150.0
IN_WITHIN_S = 200.0
_ROWS = """SELECT count(*) FROM readings JOIN twins USING (twin_no) JOIN properties USING (property_no)
           WHERE urn = $1 AND key = 'level_pct' AND value > $2"""


@pytest.fixture(scope="module")
def gateway(post: RunningPost) -> Iterator[FieldGateway]:
    """A gateway that other tests leave alone."""
    with FieldGateway(post, own_gateway(BAD), keeps_trying=True) as connected:
        yield connected


def _rows_since(post: RunningPost, number: int) -> int:
    """How many readings of packs after this number are in the history."""
    return post.count(_ROWS, own_light_urn(BAD, 0), (number + 0.5) * PCT_A_NUMBER)


def _shown(post: RunningPost) -> int:
    value = value_of(post.desk("claire"), own_light_urn(BAD, 0), "level_pct")
    return 0 if value is None else round(value / PCT_A_NUMBER)


def test_repeated_shuffled_and_late_packs_are_kept_once_and_the_newest_observation_is_live(
    post: RunningPost, gateway: FieldGateway
) -> None:
    first = gateway.next_sequence
    packs = disordered(gateway, BAD, DISORDERED, random.Random(SEED))
    mids = [gateway.send(gateway.up + "telemetry", pack.pack) for pack in packs]
    until("every PUBACK", lambda: gateway.acked.issuperset(mids), IN_WITHIN_S)
    until("every pack is in", lambda: _rows_since(post, first - 1) >= DISORDERED, IN_WITHIN_S)
    newest = max(packs, key=lambda pack: pack.at_s)
    until("the newest observation is live", lambda: _shown(post) == newest.number, 10)
    rows = _rows_since(post, first - 1)
    late = len({pack.number for pack in packs if pack.at_s < time.time() - 3_600})
    tell(
        "10 % twice, shuffled within 40, one in five 24 h late",
        f"{len(packs)} sent, {len(mids)} acked, {late} late, {DISORDERED - rows} lost, {rows - DISORDERED} duplicated;"
        " live is the newest observation",
    )
    assert rows == DISORDERED


def test_a_device_whose_clock_is_wrong_is_taken_in_or_quarantined_and_never_live_before_its_time(
    post: RunningPost, gateway: FieldGateway
) -> None:
    first, wanted = gateway.next_sequence, sum(WRONG_CLOCKS.values())
    letters = "SELECT count(*) FROM dead_letters WHERE gateway = $1 AND reason = 'from_the_future'"
    before = post.count(letters, gateway.gateway)
    for off_s in WRONG_CLOCKS:
        number = gateway.next_sequence
        gateway.say(gateway.up + "telemetry", at_instant(gateway, BAD, number, time.time() + off_s))
    until("what counts is in", lambda: _rows_since(post, first - 1) == wanted, 10)
    until("the rest is set aside", lambda: post.count(letters, gateway.gateway) > before, 10)
    off = ", ".join(f"{off_s / 3_600:+.0f} h {'in' if is_in else 'set aside'}" for off_s, is_in in WRONG_CLOCKS.items())
    tell("device clocks that are wrong", off)


def test_poison_among_good_packs_is_set_aside_and_every_good_one_is_kept(
    post: RunningPost, rig: Rig, gateway: FieldGateway
) -> None:
    fault = Fault(f"{MESSAGES // POISON_ONE_IN} poison messages among {MESSAGES}", BACKLOG_LIMIT_S)
    counted = "SELECT coalesce(sum(repeated), 0) FROM dead_letters WHERE gateway = $1 AND reason <> 'from_the_future'"
    before, first = post.count(counted, gateway.gateway), gateway.next_sequence
    bad = good = 0
    with rig.work(), fault.during():
        mids: list[int] = []
        for poison in poisoned(MESSAGES, POISON_ONE_IN):
            bad, good = bad + (poison is not None), good + (poison is None)
            number = gateway.next_sequence
            pack = at_instant(gateway, BAD, number, time.time()) if poison is None else poison
            mids.append(gateway.send(gateway.up + "telemetry", pack))
            if len(mids) == AT_ONCE:
                until("PUBACKs", lambda of=mids: gateway.acked.issuperset(of), IN_WITHIN_S)  # type: ignore[misc]
                gateway.acked.clear()
                mids = []
        fault.mended()
        until("every good pack is in", lambda: _rows_since(post, first - 1) >= good, IN_WITHIN_S)
    letters = post.count(counted, gateway.gateway) - before
    rows = _rows_since(post, first - 1)
    tell("poison", f"{good} good packs, {rows} rows; {bad} poison, {letters} dead letters")
    rig.judge(fault)
    assert rows == good and letters == bad
