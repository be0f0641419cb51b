"""Outgoing addresses never lead inside, whatever name or notation they hide behind."""

from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from ondijon.infra.messengers.vetting import is_public, resolve, vet
from ondijon.kernel.errors import EngineAway, Refused

PUBLIC = "93.184.215.14"


class Names:
    """A resolver whose answers change with each question."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "192.0.2.1", "198.18.0.1", "240.0.0.1",
        "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
        "64:ff9b::10.0.0.1", "2002:0a00:0001::1", "2001:db8::1", "fe80::1%eth0",
    ],
)  # fmt: skip
async def test_what_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(Refused, match="address_inside"):
        await vet("https://hook.example/x", Names([address]))


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e"])
def test_what_is_anybodys_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://017700000001/", "https://[::1]/",
        "https://[::ffff:127.0.0.1]/", "https://localhost/", "https://127.1:8443/",
    ],
)  # fmt: skip
async def test_no_notation_of_loopback_passes_the_real_resolver(url: str) -> None:
    with pytest.raises(Refused, match="address_inside"):
        await vet(url, resolve)


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(Refused, match="address_inside"):
        await vet("https://hook.example/", Names([PUBLIC, "10.0.0.1"]))


async def test_the_address_is_pinned_and_the_name_asked_once() -> None:
    names = Names([PUBLIC], ["127.0.0.1"])
    vetted = await vet("https://hook.example:8443/a?b=c", names)
    assert vetted.url == f"https://{PUBLIC}:8443/a?b=c"
    assert (vetted.host, vetted.authority) == ("hook.example", "hook.example:8443")
    assert names.asked == [("hook.example", 8443)]


async def test_an_ipv6_address_is_pinned_in_brackets() -> None:
    vetted = await vet("https://hook.example", Names(["2606:2800:21f:cb07:6820:80da:af6b:8b2c"]))
    assert vetted.url == "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:443/"


@pytest.mark.parametrize("url", ["http://hook.example/", "ftp://hook.example/", "file:///etc/passwd", "//hook.example"])
async def test_only_https_leaves(url: str) -> None:
    with pytest.raises(Refused):
        await vet(url, Names([PUBLIC]))


@pytest.mark.parametrize("url", ["https://me@hook.example/", "https://", "https://hook.example:99999/", "https://a b/"])
async def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        await vet(url, Names([PUBLIC]))


async def test_loopback_by_setting_lets_loopback_through_and_nothing_else() -> None:
    assert (await vet("http://hook.test:81/", Names(["127.0.0.1"]), allow_loopback=True)).url == "http://127.0.0.1:81/"
    with pytest.raises(Refused, match="address_inside"):
        await vet("http://hook.test/", Names(["10.0.0.1"]), allow_loopback=True)
    with pytest.raises(Refused, match="address_not_https"):
        await vet("http://hook.test/", Names([PUBLIC]), allow_loopback=True)


async def test_a_name_without_addresses_may_have_some_later() -> None:
    with pytest.raises(EngineAway):
        await vet("https://hook.example/", Names([]))
