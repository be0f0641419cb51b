"""Mail by SMTP: one message, one recipient; the relay keeps it from then on."""

import ssl
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal
from uuid import UUID

import aiosmtplib
from msgspec import Struct

from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import EngineAway, Refused


class MailSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The relay; security: `tls` from the first byte, `starttls` demanded, or `none` (a relay on this machine)."""

    host: str
    sender: str
    port: int = 587
    security: Literal["tls", "starttls", "none"] = "starttls"
    username: str | None = None
    password: str | None = None
    sender_name: str = "OnDijon"
    timeout_s: float = 20.0


class MailMessenger:
    """The Messenger port over one SMTP relay; a connection for each message."""

    confirms = False

    def __init__(
        self,
        settings: MailSettings,
        clock: Clock,
        make_tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
    ) -> None:
        if settings.security == "none" and settings.password is not None:
            raise Refused("error.mail_password_in_clear")
        self._settings = settings
        self._clock = clock
        self._make_tls = make_tls

    async def send(self, address: str, subject: str, text: str, key: UUID) -> str:
        """Hand a message to the relay; its Message-ID is made of the key, so that a repeat can be told from another."""
        settings = self._settings
        message = self._write(address, subject, text, key)
        try:
            _, said = await aiosmtplib.send(
                message,
                sender=settings.sender,
                recipients=[address],
                hostname=settings.host,
                port=settings.port,
                username=settings.username,
                password=settings.password,
                timeout=settings.timeout_s,
                use_tls=settings.security == "tls",
                start_tls=settings.security == "starttls",
                tls_context=None if settings.security == "none" else self._make_tls(),
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refusal(error.recipients[0].code, error.recipients[0].message) from error
        except aiosmtplib.SMTPAuthenticationError as error:
            # Our own sign-in is wrong, not this message: it waits until somebody has put it right.
            raise EngineAway("error.mail_away", detail=f"{error.code} {error.message}"[:200]) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise EngineAway("error.mail_away", detail=str(error)[:200]) from error
        return said

    def _write(self, address: str, subject: str, text: str, key: UUID) -> EmailMessage:
        settings = self._settings
        domain = settings.sender.rpartition("@")[2]
        message = EmailMessage(policy=SMTP)
        try:
            message["From"] = f'"{settings.sender_name}" <{settings.sender}>'
            message["To"] = address
            message["Subject"] = " ".join(subject.split())
        except ValueError as error:
            raise Refused("error.mail_address", address=address[:80]) from error
        message["Date"] = format_datetime(self._clock.now())
        message["Message-ID"] = f"<{key}@{domain}>"
        # RFC 3834: nobody's absence assistant need answer.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        return message


def _refusal(code: int, said: str) -> EngineAway | Refused:
    """RFC 5321, 4.2.1: 4xx may be tried again, 5xx not."""
    detail = f"{code} {said}"[:200]
    return (
        EngineAway("error.mail_away", detail=detail)
        if 400 <= code < 500
        else Refused("error.mail_refused", detail=detail)
    )
