"""Hosts made of network namespaces, one cable each to a common bridge; only root can."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

NET = "10.213.7"
BRIDGE = "ondijon-br"
BRIDGE_ADDRESS = f"{NET}.254"


class Networks:
    """Namespaces `ondijon-h1` and so on, with the addresses of `addresses`; this process is on the bridge itself."""

    def __init__(self, count: int) -> None:
        self.addresses = [f"{NET}.{number}" for number in range(1, count + 1)]

    def make(self) -> None:
        """Raises OSError when the machine does not allow it."""
        self.remove()
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("addr", "add", f"{BRIDGE_ADDRESS}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        for number, address in enumerate(self.addresses, 1):
            name, inner, outer = _space(number), f"ondijon-i{number}", _cable(number)
            _ip("netns", "add", name)
            _ip("link", "add", outer, "type", "veth", "peer", "name", inner)
            _ip("link", "set", inner, "netns", name)
            _ip("link", "set", outer, "master", BRIDGE)
            _ip("link", "set", outer, "up")
            for words in (
                ("addr", "add", f"{address}/24", "dev", inner),
                ("link", "set", inner, "up"),
                ("link", "set", "lo", "up"),
            ):
                _ip("-n", name, *words)

    def remove(self) -> None:
        """Take away whatever there is of it."""
        for number in range(1, len(self.addresses) + 1):
            _try_ip("netns", "del", _space(number))
            _try_ip("link", "del", _cable(number))
        _try_ip("link", "del", BRIDGE)

    def within(self, address: str) -> list[str]:
        """The words that run a command on a host."""
        return ["ip", "netns", "exec", _space(self.addresses.index(address) + 1)]

    def cut(self, address: str) -> None:
        """Pull a host's cable: nobody is told."""
        _ip("link", "set", _cable(self.addresses.index(address) + 1), "down")

    def mend(self, address: str) -> None:
        """Put the cable back."""
        _ip("link", "set", _cable(self.addresses.index(address) + 1), "up")


@contextmanager
def networks(count: int) -> Iterator[Networks]:
    """So many hosts for the block; raises OSError when the machine does not allow it."""
    made = Networks(count)
    try:
        made.make()
        yield made
    finally:
        made.remove()


def _space(number: int) -> str:
    return f"ondijon-h{number}"


def _cable(number: int) -> str:
    return f"ondijon-o{number}"


def _ip(*words: str) -> None:
    done = _run(words)
    if done.returncode:
        raise OSError(f"ip {' '.join(words)}: {done.stderr.strip()}")


def _try_ip(*words: str) -> None:
    _run(words)


def _run(words: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    try:
        return subprocess.run(["ip", *words], capture_output=True, check=False, text=True)
    except FileNotFoundError as error:
        raise OSError("there is no `ip` command") from error
