"""Text messages through a gateway of whatever shape."""

from uuid import UUID

import msgspec
import pytest

from ondijon.infra.messengers.sms import SmsMessenger, SmsSettings, fill, find_receipt, international
from ondijon.infra.messengers.tests.conftest import HttpServer, answer, running
from ondijon.kernel.errors import EngineAway, Refused

KEY = UUID(int=7)
BODY = {"from": "{sender}", "messages": [{"to": "{address}", "content": "{text}", "ref": "{key}"}], "priority": 1}


def gateway(port: int) -> SmsMessenger:
    return SmsMessenger(
        SmsSettings(
            f"http://127.0.0.1:{port}/v1/sms",
            BODY,
            headers={"Authorization": "Bearer token"},
            receipt="messages.0.id",
            allow_plain=True,
        )
    )


async def test_a_message_has_the_gateways_own_shape() -> None:
    taken = answer(200, b'{"messages": [{"id": 4711}]}')
    async with running(HttpServer([taken])) as server:
        assert await gateway(server.port).send("06 39 98 10 01", "Incident {key} 7", "Texte", KEY) == "4711"
    _, headers, body = server.requests[0]
    assert (headers["authorization"], headers["idempotency-key"]) == ("Bearer token", str(KEY))
    message = {"to": "+33639981001", "content": "Incident {key} 7", "ref": str(KEY)}
    assert msgspec.json.decode(body) == {"from": "OnDijon", "messages": [message], "priority": 1}


async def test_a_phone_gets_three_parts_at_most() -> None:
    async with running(HttpServer()) as server:
        await gateway(server.port).send("0639981001", "x" * 500, "", KEY)
    assert len(msgspec.json.decode(server.requests[0][2])["messages"][0]["content"]) == 201


async def test_a_gateway_that_is_away_may_come_back_and_one_that_refuses_will_not() -> None:
    async with running(HttpServer([answer(503), answer(422)])) as server:
        with pytest.raises(EngineAway):
            await gateway(server.port).send("0639981001", "", "", KEY)
        with pytest.raises(Refused):
            await gateway(server.port).send("0639981001", "", "", KEY)


def test_plain_http_needs_a_word_of_its_own() -> None:
    with pytest.raises(Refused, match="address_not_https"):
        SmsMessenger(SmsSettings("http://sms.example/", BODY))


@pytest.mark.parametrize(
    ("number", "written"),
    [("06 39 98 10 01", "+33639981001"), ("+33 6 39 98 10 01", "+33639981001"), ("0044 20 7946 0001", "+442079460001")],
)
def test_numbers_are_written_for_the_whole_world(number: str, written: str) -> None:
    assert international(number, "+33") == written


@pytest.mark.parametrize("number", ["17", "112", ""])
def test_a_short_number_takes_no_message(number: str) -> None:
    with pytest.raises(Refused):
        international(number, "+33")


def test_what_is_filled_in_is_not_filled_again() -> None:
    assert fill({"a": ["{x} {y} {z}"], "n": 1}, {"x": "{y}", "y": "2"}) == {"a": ["{y} 2 {z}"], "n": 1}


@pytest.mark.parametrize(
    ("body", "path", "receipt"),
    [
        (b'{"a": {"b": 1}}', "a.b", "1"),
        (b'[{"id": "x"}]', "0.id", "x"),
        (b'[{"id": "x"}]', "1.id", ""),
        (b'{"a": null}', "a", ""),
        (b"not json", "a", ""),
        (b'{"a": 1}', "", ""),
    ],
)
def test_a_receipt_is_found_or_is_nothing(body: bytes, path: str, receipt: str) -> None:
    assert find_receipt(body, path) == receipt
