"""From where, coarsely."""

import pytest

from ondijon.web.whence import Whence, whence

EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0"
SAFARI = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15"


@pytest.mark.parametrize(
    ("agent", "address", "expected"),
    [
        (EDGE, "127.0.0.1", Whence("Edge", "loopback")),
        (EDGE.partition(" Edg")[0], "::1", Whence("Chrome", "loopback")),
        (SAFARI, "10.1.2.3", Whence("Safari", "intranet")),
        ("Mozilla/5.0 (X11) Gecko/20100101 Firefox/145.0", "192.168.1.9", Whence("Firefox", "intranet")),
        ("curl/8", "8.8.8.8", Whence("other", "outside")),
        ("", "", Whence("other", "unknown")),
    ],
)
def test_a_family_of_browsers_and_a_kind_of_network_and_nothing_more(
    agent: str, address: str, expected: Whence
) -> None:
    assert whence(agent, address) == expected
