"""What an address outside the room looks like, by way."""

import re

from ondijon.control_room.notifications.model import Way
from ondijon.kernel.errors import Refused

_SHAPES: dict[Way, re.Pattern[str]] = {
    "mail": re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
    "sms": re.compile(r"\+?\d(?:[ .]?\d){7,14}"),
    # Where it leads is judged when it is used: names can be made to lead elsewhere later.
    "webhook": re.compile(r"https://[^\s/?#@]+(?:[/?][^\s#]*)?"),
}


def decide_address(way: Way, address: str) -> str:
    """The address, trimmed; raises Refused when it is none of its kind."""
    tidy = address.strip()
    if not _SHAPES[way].fullmatch(tidy):
        raise Refused("error.notification_address", address=tidy[:80])
    return tidy
