"""Text messages through an operator's HTTP gateway, whose form of request the settings tell."""

import re
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from msgspec import Struct

from ondijon.infra.messengers.posting import MakeTls, post_json
from ondijon.kernel.errors import Refused

# Three joined parts of a text that is not plain GSM 7-bit (3GPP TS 23.040).
_MOST_LETTERS = 201
_PLACE = re.compile(r"\{(\w+)\}")


class SmsSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The gateway, entered by whoever runs the post and so trusted to be where it says.

    body: what is sent as JSON; `{address}`, `{text}`, `{key}` and `{sender}` in its texts are filled in.
    receipt: where its answer has the receipt, as keys and places joined by dots (`messages.0.id`).
    """

    url: str
    body: dict[str, Any]
    headers: dict[str, str] = {}
    receipt: str = ""
    sender: str = "OnDijon"
    country_prefix: str = "+33"
    allow_plain: bool = False
    timeout_s: float = 15.0


class SmsMessenger:
    """The Messenger port over a gateway that answers 2xx once it has taken a message."""

    confirms = False

    def __init__(self, settings: SmsSettings, make_tls: MakeTls = ssl.create_default_context) -> None:
        if urlsplit(settings.url).scheme != "https" and not settings.allow_plain:
            raise Refused("error.address_not_https")
        self._settings = settings
        self._make_tls = make_tls

    async def send(self, address: str, subject: str, text: str, key: UUID) -> str:
        """POST the message; a phone gets the subject alone, cut to three parts, for it says everything."""
        settings = self._settings
        values = {
            "address": international(address, settings.country_prefix),
            "text": subject[:_MOST_LETTERS],
            "key": str(key),
            "sender": settings.sender,
        }
        body = msgspec.json.encode(fill(settings.body, values))
        headers = {"Idempotency-Key": str(key), **settings.headers}
        answer = await post_json(settings.url, body, headers, settings.timeout_s, self._make_tls)
        return find_receipt(answer.body, settings.receipt)


def international(number: str, prefix: str) -> str:
    """A number as E.164 wants it; raises Refused when it is too short to take messages."""
    digits = "".join(letter for letter in number if letter.isdigit() or letter == "+")
    if digits.startswith("0") and not digits.startswith("00"):
        digits = prefix + digits[1:]
    elif digits.startswith("00"):
        digits = "+" + digits[2:]
    if len(digits) < 9:
        raise Refused("error.sms_number", number=number[:40])
    return digits


def fill(shape: Any, values: Mapping[str, str]) -> Any:
    """The shape with `{name}` in its texts replaced, once; anything else in braces stays."""
    if isinstance(shape, dict):
        return {key: fill(value, values) for key, value in shape.items()}
    if isinstance(shape, list):
        return [fill(value, values) for value in shape]
    if isinstance(shape, str):
        return _PLACE.sub(lambda place: values.get(place[1], place[0]), shape)
    return shape


def find_receipt(body: bytes, path: str) -> str:
    """What stands at the path of a JSON answer; nothing there is no failure: the message was taken."""
    if not path:
        return ""
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ""
    for step in path.split("."):
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdigit() and int(step) < len(found):
            found = found[int(step)]
        else:
            return ""
    return "" if found is None else str(found)[:200]
