"""The post's ways out of the room, from HOME/messengers.toml; without the file there are none."""

import tomllib
from pathlib import Path

import msgspec
from msgspec import Struct

from ondijon.infra.clocks import SystemClock
from ondijon.infra.messengers.mail import MailMessenger, MailSettings
from ondijon.infra.messengers.sms import SmsMessenger, SmsSettings
from ondijon.infra.messengers.webhook import WebhookMessenger, WebhookSettings
from ondijon.kernel.errors import Refused
from ondijon.kernel.ports import Messenger

FILE_NAME = "messengers.toml"
_OTHERS = 0o077


class MessengerSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """link: the console's address as people type it, put below each message with the place of what it is about."""

    link: str = ""
    mail: MailSettings | None = None
    webhook: WebhookSettings | None = None
    sms: SmsSettings | None = None


def read_messengers(home: Path) -> MessengerSettings:
    """The settings of a home; raises Refused when they will not do, or others than their owner may read them."""
    path = home / FILE_NAME
    if not path.exists():
        return MessengerSettings()
    if path.stat().st_mode & _OTHERS:
        raise Refused("error.bad_messengers", problem=f"chmod 600 {path}")
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), MessengerSettings)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Refused("error.bad_messengers", problem=str(error)[:200]) from error


def make_messengers(settings: MessengerSettings) -> dict[str, Messenger]:
    """A messenger for each way that the settings give; dated by the real clock, because receivers check it."""
    found: dict[str, Messenger] = {}
    if settings.mail is not None:
        found["mail"] = MailMessenger(settings.mail, SystemClock())
    if settings.webhook is not None:
        found["webhook"] = WebhookMessenger(settings.webhook, SystemClock())
    if settings.sms is not None:
        found["sms"] = SmsMessenger(settings.sms)
    return found
