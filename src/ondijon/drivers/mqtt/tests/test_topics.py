"""Topics of the address space."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ondijon.drivers.mqtt.protocol import topics
from ondijon.kernel.errors import LocalProtocolError, RemoteProtocolError


@given(some.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True), some.sampled_from(topics.UP_KINDS))
def test_a_topic_comes_back_as_it_went(gateway: str, kind: topics.UpKind) -> None:
    assert topics.parse_up(topics.up(gateway, kind)) == (gateway, kind)


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "ondijon/1/up/GW/telemetry/",
        "ondijon/1/up/GW/telemetry\n",
        "ondijon/1/up/a b/telemetry",
        "ondijon/1/up/a.b/telemetry",
        "ondijon/1/up//telemetry",
        "ondijon/2/up/GW/telemetry",
        "ondijon/1/down/GW/command",
        "ondijon/1/up/GW/other",
        "ondijon/1/up/" + "x" * 65 + "/status",
    ],
)
def test_other_topics_are_refused(topic: str) -> None:
    with pytest.raises(RemoteProtocolError):
        topics.parse_up(topic)


@pytest.mark.parametrize("gateway", ["", "a/b", "a.b", "a b", "+", "#", "é"])
def test_no_topic_is_built_for_what_cannot_be_a_gateway(gateway: str) -> None:
    with pytest.raises(LocalProtocolError):
        topics.down(gateway, "command")
    with pytest.raises(LocalProtocolError):
        topics.up(gateway, "status")


def test_a_message_that_came_by_way_of_a_share_has_the_topic_that_its_gateway_used() -> None:
    assert topics.without_share("ondijon/1/share/3/CAB-1/telemetry/cbor") == ("ondijon/1/up/CAB-1/telemetry/cbor", True)
    assert topics.without_share("ondijon/1/up/CAB-1/status") == ("ondijon/1/up/CAB-1/status", False)
    assert topics.gateway_of("ondijon/1/up/CAB-1/status") == "CAB-1"
    assert topics.gateway_of("nothing") == ""
