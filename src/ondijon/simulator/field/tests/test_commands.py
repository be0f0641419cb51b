"""What a gateway understands of a command."""

import cbor2
import msgspec
import numpy as np
import pytest

from ondijon.kernel.errors import RemoteProtocolError
from ondijon.simulator.field.commands import HOLD_AS_IS, Understood, read_command, understand

OWN = {"SL-1", "SL-2"}


def understood(*pack: dict[str, object]) -> Understood:
    payload = msgspec.json.encode({"id": "1", "exp": 10.0, "pack": pack})
    return understand(read_command(payload, cbor=False), OWN, 0.0)


def test_a_level_is_taken_for_each_device() -> None:
    assert understood({"bn": "SL-", "n": "1/level", "v": 0.6}, {"n": "2/level", "v": 0}).levels == {
        "SL-1": 0.6,
        "SL-2": 0.0,
    }


def test_programme_releases_and_the_last_word_counts() -> None:
    levels = understood({"n": "SL-1/level", "v": 0.6}, {"n": "SL-1/control", "vs": "programme"}).levels
    assert np.isnan(levels["SL-1"])
    back = understood({"n": "SL-1/control", "vs": "programme"}, {"n": "SL-1/level", "v": 0.6}).levels
    assert back == {"SL-1": 0.6}


def test_manual_alone_holds_what_is() -> None:
    assert understood({"n": "SL-1/control", "vs": "manual"}).levels == {"SL-1": HOLD_AS_IS}
    both = understood({"n": "SL-1/level", "v": 0.6}, {"n": "SL-1/control", "vs": "manual"}).levels
    assert both == {"SL-1": 0.6}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"n": "SL-9/level", "v": 0.5}, "unknown_device"),
        ({"n": "level", "v": 0.5}, "unknown_device"),
        ({"n": "SL-1/colour", "v": 0.5}, "unknown_property"),
        ({"n": "SL-1/level", "v": 1.5}, "bad_value"),
        ({"n": "SL-1/level", "vs": "half"}, "bad_value"),
        ({"n": "SL-1/level", "vb": True}, "bad_value"),
        ({"n": "SL-1/control", "vs": "automatic"}, "bad_value"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_reason(record: dict[str, object], reason: str) -> None:
    answer = understood({"n": "SL-2/level", "v": 0.5}, record)
    assert answer.levels == {"SL-2": 0.5}
    assert answer.refused == {reason: [str(record["n"]).rpartition("/")[0]]}


def test_a_device_with_one_bad_record_keeps_none_of_the_others() -> None:
    assert understood({"n": "SL-1/level", "v": 0.5}, {"n": "SL-1/colour", "v": 1}).levels == {}


def test_commands_come_in_cbor_too() -> None:
    payload = cbor2.dumps({"id": "1", "exp": 10.5, "pack": [{-2: "SL-1/", 0: "level", 2: 0.5}]})
    command = read_command(payload, cbor=True)
    assert (command.id, command.expires_s) == ("1", 10.5)
    assert understand(command, OWN, 0.0).levels == {"SL-1": 0.5}


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b'{"id":1,"exp":2,"pack":[]}', b'{"id":"1","exp":2,"pack":[]}', b"\xff", b"[" * 5000]
)
def test_what_is_no_command_is_refused(payload: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        read_command(payload, cbor=False)
