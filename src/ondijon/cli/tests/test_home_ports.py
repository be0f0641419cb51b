"""A home's broker is found again where it was."""

import socket
from contextlib import closing
from pathlib import Path

import pytest

from ondijon.cli.home_ports import choose_ports
from ondijon.kernel.errors import Refused


def test_a_home_keeps_its_ports_and_leaves_one_that_somebody_took(tmp_path: Path) -> None:
    first = choose_ports(tmp_path, None)
    assert choose_ports(tmp_path, None) == first
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", first.mqtt))
        other.listen()
        assert choose_ports(tmp_path, None).mqtt != first.mqtt
        with pytest.raises(Refused, match="port_taken"):
            choose_ports(tmp_path, first.mqtt)
    assert choose_ports(tmp_path, first.mqtt).mqtt == first.mqtt
