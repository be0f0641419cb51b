"""Web hooks over real connections: pinned, signed, unredirected."""

import hashlib
import hmac
from uuid import UUID

import msgspec
import pytest

from ondijon.infra.messengers.tests.conftest import NAME, HttpServer, Tls, answer, running
from ondijon.infra.messengers.tests.test_vetting import Names
from ondijon.infra.messengers.webhook import WebhookMessenger, WebhookSettings
from ondijon.kernel.errors import EngineAway, Refused
from ondijon.testing.fakes import StillClock

SECRET = "a-secret-of-some-length"
KEY = UUID(int=7)


def hook(names: Names, tls: Tls | None = None, timeout_s: float = 5.0) -> WebhookMessenger:
    settings = WebhookSettings(SECRET, allow_loopback=True, timeout_s=timeout_s)
    if tls is None:
        return WebhookMessenger(settings, StillClock(), names)
    return WebhookMessenger(settings, StillClock(), names, tls.client)


async def test_a_message_is_signed_named_and_goes_to_the_vetted_address(tls: Tls) -> None:
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    async with running(HttpServer([answer(202, X_Request_Id="abc")]), tls.server) as server:
        receipt = await hook(names, tls).send(f"https://{NAME}:{server.port}/in", "Titre", "Texte", KEY)
    assert receipt == "202 abc"
    assert names.asked == [(NAME, server.port)]
    first, headers, body = server.requests[0]
    assert (first, headers["host"]) == ("POST /in HTTP/1.1", f"{NAME}:{server.port}")
    assert headers["idempotency-key"] == str(KEY)
    sent_at, _, digest = headers["x-ondijon-signature"].removeprefix("t=").partition(",v1=")
    assert int(sent_at) == int(StillClock().now().timestamp())
    assert digest == hmac.new(SECRET.encode(), f"{sent_at}.".encode() + body, hashlib.sha256).hexdigest()
    assert msgspec.json.decode(body) == {"id": str(KEY), "subject": "Titre", "text": "Texte"}


async def test_the_certificate_must_be_the_names_and_not_the_addresss(tls: Tls) -> None:
    async with running(HttpServer(), tls.server) as server:
        with pytest.raises(EngineAway, match="CERTIFICATE_VERIFY_FAILED"):
            await hook(Names(["127.0.0.1"]), tls).send(f"https://other.test:{server.port}/", "", "", KEY)
    assert server.requests == []


async def test_an_unknown_authority_is_not_trusted(tls: Tls) -> None:
    async with running(HttpServer(), tls.server) as server:
        with pytest.raises(EngineAway, match="CERTIFICATE_VERIFY_FAILED"):
            await hook(Names(["127.0.0.1"])).send(f"https://{NAME}:{server.port}/", "", "", KEY)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_refused_and_not_followed(status: int) -> None:
    async with running(HttpServer()) as target:
        elsewhere = answer(status, Location=f"http://127.0.0.1:{target.port}/")
        async with running(HttpServer([elsewhere])) as server:
            with pytest.raises(Refused, match="receiver_refused"):
                await hook(Names(["127.0.0.1"])).send(f"http://{NAME}:{server.port}/", "", "", KEY)
    assert target.requests == []


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
async def test_what_may_pass_is_tried_again(status: int) -> None:
    async with running(HttpServer([answer(status)])) as server:
        with pytest.raises(EngineAway, match=str(status)):
            await hook(Names(["127.0.0.1"])).send(f"http://{NAME}:{server.port}/", "", "", KEY)


@pytest.mark.parametrize("status", [400, 401, 404, 410])
async def test_what_will_not_pass_is_refused(status: int) -> None:
    async with running(HttpServer([answer(status)])) as server:
        with pytest.raises(Refused, match=str(status)):
            await hook(Names(["127.0.0.1"])).send(f"http://{NAME}:{server.port}/", "", "", KEY)


async def test_nobody_there_or_nobody_answering_is_tried_again() -> None:
    async with running(HttpServer()) as server:
        port = server.port
    with pytest.raises(EngineAway):
        await hook(Names(["127.0.0.1"])).send(f"http://{NAME}:{port}/", "", "", KEY)
    async with running(HttpServer([b""])) as silent:
        with pytest.raises(EngineAway):
            await hook(Names(["127.0.0.1"]), timeout_s=0.3).send(f"http://{NAME}:{silent.port}/", "", "", KEY)


async def test_an_endless_answer_is_read_no_further_than_it_must() -> None:
    async with running(HttpServer([answer(200, b"x" * 1_000_000)])) as server:
        receipt = await hook(Names(["127.0.0.1"])).send(f"http://{NAME}:{server.port}/", "", "", KEY)
    assert receipt == "200"


async def test_without_the_setting_loopback_is_inside() -> None:
    messenger = WebhookMessenger(WebhookSettings(SECRET), StillClock())
    for url in ("https://127.0.0.1/", "https://[::1]/", "https://localhost/"):
        with pytest.raises(Refused, match="address_inside"):
            await messenger.send(url, "", "", KEY)


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(Refused, match="webhook_secret"):
        WebhookMessenger(WebhookSettings("short"), StillClock())
