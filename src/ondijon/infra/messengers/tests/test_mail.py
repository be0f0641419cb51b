"""Mail to a real SMTP server on loopback."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.header import decode_header, make_header
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from ondijon.infra.messengers.mail import MailMessenger, MailSettings
from ondijon.infra.messengers.tests.conftest import Tls
from ondijon.kernel.errors import EngineAway, Refused
from ondijon.testing.fakes import StillClock

KEY = UUID(int=7)
SENDER = "poste@ville.example"


class Box:
    """Keeps what the relay takes; refuses as told."""

    def __init__(self, on_recipient: str = "250 OK", on_data: str = "250 Taken as 42") -> None:
        self.on_recipient, self.on_data = on_recipient, on_data
        self.taken: list[tuple[list[str], bytes]] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.on_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.on_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.taken.append((list(envelope.rcpt_tos), envelope.content))
        return self.on_data


def check_password(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"poste", b"secret"), handled=False)


@asynccontextmanager
async def relay(
    box: Box, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, auth: bool = False
) -> AsyncIterator[int]:
    """The relay's port."""
    loop = asyncio.get_running_loop()

    def make() -> SMTP:
        return SMTP(
            box,
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=check_password if auth else None,
            auth_required=auth,
            auth_require_tls=tls is None,
            loop=loop,
        )

    server = await loop.create_server(make, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def messenger(port: int, tls: Tls | None = None, **more: object) -> MailMessenger:
    fields = {"host": "localhost", "sender": SENDER, "port": port, "security": "none", "timeout_s": 5.0, **more}
    settings = MailSettings(**fields)  # type: ignore[arg-type]
    return MailMessenger(settings, StillClock()) if tls is None else MailMessenger(settings, StillClock(), tls.client)


async def test_a_mail_is_handed_over_whole() -> None:
    box = Box()
    async with relay(box) as port:
        receipt = await messenger(port).send("claire@ville.example", "Délai dépassé : « Lampe »", "Où : là-bas\n", KEY)
    assert receipt == "Taken as 42"
    recipients, content = box.taken[0]
    mail = message_from_bytes(content)
    assert recipients == ["claire@ville.example"]
    assert str(make_header(decode_header(mail["Subject"]))) == "Délai dépassé : « Lampe »"
    assert mail["Message-ID"] == f"<{KEY}@ville.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == "Sat, 21 Nov 2026 20:00:00 +0000"
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes) and payload.decode("utf-8").replace("\r\n", "\n") == "Où : là-bas\n"


async def test_the_same_key_again_has_the_same_message_id() -> None:
    box = Box()
    async with relay(box) as port:
        for _ in range(2):
            await messenger(port).send("claire@ville.example", "S", "T", KEY)
    ids = {message_from_bytes(content)["Message-ID"] for _, content in box.taken}
    assert len(box.taken) == 2 and len(ids) == 1


async def test_starttls_and_sign_in(tls: Tls) -> None:
    box = Box()
    async with relay(box, starttls=tls.server, auth=True) as port:
        more = {"security": "starttls", "username": "poste", "password": "secret"}
        await messenger(port, tls, **more).send("claire@ville.example", "S", "T", KEY)
        with pytest.raises(EngineAway, match="535"):
            await messenger(port, tls, **more | {"password": "wrong"}).send("claire@ville.example", "S", "T", KEY)
    assert len(box.taken) == 1


async def test_tls_from_the_first_byte(tls: Tls) -> None:
    box = Box()
    async with relay(box, tls=tls.server) as port:
        await messenger(port, tls, security="tls").send("claire@ville.example", "S", "T", KEY)
    assert len(box.taken) == 1


async def test_a_relay_without_starttls_gets_nothing_when_it_is_demanded() -> None:
    box = Box()
    async with relay(box) as port:
        with pytest.raises(EngineAway):
            await messenger(port, security="starttls").send("claire@ville.example", "S", "T", KEY)
    assert box.taken == []


async def test_a_relay_nobody_vouches_for_gets_nothing(tls: Tls) -> None:
    box = Box()
    async with relay(box, tls=tls.server) as port:
        with pytest.raises(EngineAway):
            await messenger(port, security="tls").send("claire@ville.example", "S", "T", KEY)
    assert box.taken == []


@pytest.mark.parametrize(
    ("box", "outcome"),
    [
        (Box(on_recipient="450 Later"), EngineAway),
        (Box(on_recipient="550 No such mailbox"), Refused),
        (Box(on_data="451 Later"), EngineAway),
        (Box(on_data="554 Not wanted"), Refused),
    ],
)
async def test_four_is_later_and_five_is_never(box: Box, outcome: type[Exception]) -> None:
    async with relay(box) as port:
        with pytest.raises(outcome):
            await messenger(port).send("claire@ville.example", "S", "T", KEY)


async def test_a_relay_that_is_away_may_come_back() -> None:
    async with relay(Box()) as port:
        pass
    with pytest.raises(EngineAway):
        await messenger(port).send("claire@ville.example", "S", "T", KEY)


@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: c@d.example", "a@b.example\nX: y"])
async def test_an_address_adds_no_header(address: str) -> None:
    box = Box()
    async with relay(box) as port:
        with pytest.raises(Refused, match="mail_address"):
            await messenger(port).send(address, "S", "T", KEY)
    assert box.taken == []


async def test_a_subject_of_many_lines_is_one_line() -> None:
    box = Box()
    async with relay(box) as port:
        await messenger(port).send("claire@ville.example", "S\r\nBcc: c@d.example", "T", KEY)
    mail = message_from_bytes(box.taken[0][1])
    assert (mail["Subject"], mail["Bcc"]) == ("S Bcc: c@d.example", None)


def test_a_password_does_not_go_in_clear() -> None:
    with pytest.raises(Refused, match="password_in_clear"):
        messenger(25, username="poste", password="secret")
