"""From where somebody signed in, coarsely: enough to know one's own sessions again, too little to know a person."""

from ipaddress import ip_address

from msgspec import Struct

# In this order: Edge and Opera call themselves Chrome too, Chrome calls itself Safari.
_FAMILIES = (
    ("firefox/", "Firefox"),
    ("edg/", "Edge"),
    ("opr/", "Opera"),
    ("chrome/", "Chrome"),
    ("chromium/", "Chrome"),
    ("safari/", "Safari"),
)


class Whence(Struct, frozen=True):
    """The browser's family (or `other`) and the kind of network: loopback, intranet, outside, unknown."""

    browser: str
    network: str


UNKNOWN = Whence("other", "unknown")


def whence(user_agent: str, address: str) -> Whence:
    lowered = user_agent.lower()
    browser = next((family for mark, family in _FAMILIES if mark in lowered), "other")
    return Whence(browser, _network(address))


def _network(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if found.is_loopback:
        return "loopback"
    return "intranet" if found.is_private or found.is_link_local else "outside"
