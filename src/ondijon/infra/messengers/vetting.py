"""Outgoing addresses: resolved once, refused when they lead inside, and pinned for the connection."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import SplitResult, urlsplit, urlunsplit

from msgspec import Struct

from ondijon.kernel.errors import EngineAway, Refused

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
# Addresses that carry an IPv4 one inside: NAT64 (RFC 6052); mapped, 6to4 and Teredo are known to ipaddress.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Vetted(Struct, frozen=True):
    """Where to connect: `url` has the vetted address in place of the name, `host` is what TLS and HTTP are told."""

    url: str
    host: str
    authority: str
    secure: bool


async def resolve(host: str, port: int) -> Sequence[str]:
    """All addresses of a name by the system's resolver; raises EngineAway when it has none now."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise EngineAway("error.name_unknown", host=host[:100]) from error
    return [str(sockaddr[0]) for *_, sockaddr in found]


async def vet(url: str, resolver: Resolver = resolve, allow_loopback: bool = False) -> Vetted:
    """Where an outgoing address may be reached; raises Refused when it is not https or leads inside.

    Every address that the name has must be public, so that luck does not choose. allow_loopback: for tests and a
    receiver on this machine; then http is let through too, but to loopback only.
    """
    parts, port = _split(url)
    secure = parts.scheme == "https"
    if not secure and not (allow_loopback and parts.scheme == "http"):
        raise Refused("error.address_not_https")
    host = parts.hostname or ""
    addresses = [_read_address(text) for text in await resolver(host, port)]
    if not addresses:
        raise EngineAway("error.name_unknown", host=host[:100])
    for address in addresses:
        inside = not is_public(address)
        if inside and not (allow_loopback and address.is_loopback):
            raise Refused("error.address_inside", host=host[:100])
        if not inside and not secure:
            raise Refused("error.address_not_https")
    chosen = addresses[0]
    literal = f"[{chosen}]" if chosen.version == 6 else str(chosen)
    pinned = urlunsplit((parts.scheme, f"{literal}:{port}", parts.path or "/", parts.query, ""))
    return Vetted(pinned, host, parts.netloc, secure)


def is_public(address: IpAddress) -> bool:
    """Whether an address is anybody's on the internet: not private, loopback, link-local, multicast or reserved."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _split(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise Refused("error.bad_address", address=url[:100]) from error
    if not parts.hostname or parts.username is not None or any(ord(letter) < 33 for letter in url):
        raise Refused("error.bad_address", address=url[:100])
    return parts, port


def _read_address(text: str) -> IpAddress:
    try:
        # A scope (`fe80::1%eth0`) is link-local anyway.
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError as error:
        raise Refused("error.address_inside", host=text[:100]) from error
