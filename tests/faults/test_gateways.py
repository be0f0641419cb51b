"""Who may speak on the bus, and what becomes of words that nobody can use."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.faults.acts import value_of
from tests.faults.deadline import tell, until
from tests.faults.field_gateway import FieldGateway
from tests.faults.running_post import RunningPost
from tests.faults.town import DIJON, own_gateway, own_light, own_light_urn

pytestmark = [pytest.mark.faults, pytest.mark.engines]

REFUSED = "platform.broker_refused"


@pytest.fixture(scope="module")
def gateway(post: RunningPost) -> Iterator[FieldGateway]:
    """A gateway that stays connected."""
    with FieldGateway(post, own_gateway(3)) as connected:
        yield connected


def test_a_word_outside_its_own_subtree_raises_an_alarm_and_has_no_effect(
    post: RunningPost, gateway: FieldGateway
) -> None:
    claire, other = post.desk("claire"), own_gateway(4)
    began = time.monotonic()
    gateway.say(f"ondijon/1/up/{other}/telemetry", gateway.next_pack({"n": f"{own_light(4, 0)}/level", "v": 0.99}))
    (alarm,) = until("the alarm", lambda: [a for a in claire.get("/api/alarms")["cards"] if a["type"] == REFUSED], 5)
    seconds = time.monotonic() - began
    assert seconds <= 5
    assert alarm["evidence"]["gateway"] == gateway.gateway and other in alarm["evidence"]["topic"]
    assert value_of(claire, own_light_urn(4, 0), "level_pct") is None
    tell("publish outside its subtree", f"alarm {REFUSED} after {seconds:.2f} s, no effect")


def test_a_client_id_that_is_not_its_user_s_is_refused_and_throws_nobody_out(
    post: RunningPost, gateway: FieldGateway
) -> None:
    intruder = FieldGateway(post, own_gateway(5), client_id=gateway.gateway)
    intruder.try_connect()
    until("refused", lambda: intruder.refused, 5)
    intruder.leave()
    assert not intruder.connected_at
    gateway.report({"n": f"{own_light(3, 1)}/level", "v": 0.5})
    assert not gateway.lost_at
    tell("foreign client id", f"refused ({intruder.refused[0]}), the owner stays connected")


def test_a_wrong_secret_is_refused(post: RunningPost) -> None:
    intruder = FieldGateway(post, own_gateway(5), secret="0" * 64)
    intruder.try_connect()
    until("refused", lambda: intruder.refused, 5)
    intruder.leave()
    assert not intruder.connected_at


def test_a_gateway_added_while_the_post_runs_connects_and_a_revoked_one_is_off_within_a_second(
    post: RunningPost,
) -> None:
    secret = post.order("gateway", "add", "TG-new")
    began = time.monotonic()
    late = FieldGateway(post, "TG-new", secret=secret).connect()
    added_s = late.connected_at - began
    post.order("gateway", "revoke", "TG-new")
    until("the connection is closed", lambda: late.lost_at, 5)
    row = post.rows("SELECT extract(epoch FROM revoked_at) AS at FROM gateway_credentials WHERE gateway = 'TG-new'")[0]
    off_s = late.lost_at - (time.monotonic() - (time.time() - float(row["at"])))
    late.leave()
    again = FieldGateway(post, "TG-new", secret=secret)
    again.try_connect()
    until("refused", lambda: again.refused, 5)
    again.leave()
    assert added_s <= 5 and off_s <= 1 and not again.connected_at
    tell("gateway added, then revoked", f"in after {added_s:.3f} s, off {off_s:.3f} s after the revocation's row")


def test_the_same_sequence_number_twice_has_no_effect(post: RunningPost, gateway: FieldGateway) -> None:
    at = round(time.time(), 3)
    pack = gateway.next_pack({"bt": at, "n": f"{own_light(3, 0)}/power", "v": 41.5})
    for _ in range(5):
        gateway.say(gateway.up + "telemetry", pack)
    # One connection's packs come in order: once this one is in, the others were judged.
    gateway.report({"n": f"{own_light(3, 0)}/power", "v": 42.5})
    claire, urn = post.desk("claire"), own_light_urn(3, 0)
    until("the last pack is in", lambda: value_of(claire, urn, "power_w") == 42.5, 5)
    assert _count_rows(post, urn, 41.5) == 1
    tell("one pack published 5 times", "1 row")


def test_poison_goes_to_the_dead_letters_with_its_reason_and_the_rest_flows(
    post: RunningPost, gateway: FieldGateway
) -> None:
    claire, light = post.desk("claire"), own_light(3, 2)
    poison: dict[str, str | bytes] = {
        "malformed": b"\xff\xfenot json at all",
        "not_own_device": gateway.next_pack({"n": f"{own_light(4, 1)}/level", "v": 0.1}),
        "unknown_property": gateway.next_pack({"n": f"{light}/colour", "v": 3}),
        "wrong_kind": gateway.next_pack({"n": f"{light}/level", "vb": True}),
        "from_the_future": gateway.next_pack({"n": f"{light}/level", "v": 0.2, "t": 3_600}),
        "unknown_choice": gateway.next_pack({"n": f"{light}/control", "vs": "dancing"}),
    }
    for payload in poison.values():
        gateway.say(gateway.up + "telemetry", payload)
    gateway.report({"n": f"{light}/level", "v": 0.77})
    until("the rest flows", lambda: value_of(claire, own_light_urn(3, 2), "level_pct") == pytest.approx(77), 5)
    letters = [one for one in claire.get("/api/dead-letters") if one["source"] == gateway.gateway]
    reasons = {letter["reason"] for letter in letters}
    assert reasons == set(poison)
    tell("6 poison messages", f"dead letters {sorted(reasons)}, the good pack after them is in")


def test_a_dead_letter_is_replayed_once_its_device_is_known(post: RunningPost, gateway: FieldGateway) -> None:
    ines, light = post.desk("ines"), "TL-late"
    gateway.report({"n": f"{light}/level", "v": 0.33})
    (letter,) = until("the dead letter", lambda: _letters(ines.get("/api/dead-letters"), light), 5)
    assert letter["reason"] == "not_own_device"
    place = ["--commune", DIJON, "--position", "5.06,47.33", "--of-gateway", gateway.gateway]
    urn = post.order("twin", "add", "Streetlight", light, *place)
    until("the twin is there", lambda: ines.try_get(f"/api/twin/{urn}"), 20)
    asked = f"/api/dead-letters/{letter['id']}/replay"
    assert post.desk("elue").ask(asked).status_code == 403

    def replayed() -> Any:
        # The roles load the city again: an order to a gateway role that is not back yet reaches nobody.
        if ines.ask(asked).status_code != 202:
            return None
        return value_of(ines, urn, "level_pct")

    level = until("replayed", replayed, 20)
    assert level == pytest.approx(33)
    (after,) = [one for one in ines.get("/api/dead-letters") if one["id"] == letter["id"]]
    assert after["replayed_at"] is not None
    tell("dead letter replayed", f"{letter['reason']} > twin added > level {level:.0f} %")


def _letters(found: list[dict[str, Any]], device: str) -> list[dict[str, Any]]:
    return [one for one in found if device in one["detail"] or device in json.dumps(one["payload"])]


def _count_rows(post: RunningPost, urn: str, value: float) -> int:
    sql = "SELECT count(*) FROM readings JOIN twins USING (twin_no) WHERE urn = $1 AND value = $2"
    return post.count(sql, urn, value)
