"""Whether two contents of a gateway say the same from some night on, however they are written."""

import json
from datetime import date

from ondijon.domains.lighting.rules.programmes.compile import ALPHABET, StoredContent

Ahead = dict[str, frozenset[str] | None]


def is_same_ahead(stored: StoredContent, wanted: StoredContent, night: date) -> bool:
    """Whether a gateway that has `stored` does the same from `night` on as with `wanted`, for every device."""
    if stored == wanted:
        return True
    if any(stored.get(key) != wanted[key] for key in ("timezone", "position", "from")):
        return False
    seen: dict[str, str] = {}
    past = max(0, (night - date.fromisoformat(wanted["from"])).days)
    return _ahead(stored, past, seen) == _ahead(wanted, past, seen)


def _ahead(content: StoredContent, past: int, seen: dict[str, str]) -> Ahead:
    """Nights to come, by name of what is done in them, and the devices of each; None: every other device."""
    names = {
        ord(letter): seen.setdefault(json.dumps(profile, sort_keys=True), chr(len(seen)))
        for letter, profile in zip(ALPHABET, content["profiles"], strict=False)
    }
    nights = [calendar[past:].translate(names) for calendar in content["calendars"]]
    rest = nights[content["groups"][0]["calendar"]]
    ahead: dict[str, set[str]] = {}
    for group in content["groups"][1:]:
        ahead.setdefault(nights[group["calendar"]], set()).update(group["devices"])
    return {rest: None} | {text: frozenset(devices) for text, devices in ahead.items() if text != rest}
