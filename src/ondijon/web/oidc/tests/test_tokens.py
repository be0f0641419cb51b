"""ID tokens that a provider would never issue, and one that it would."""

import base64
import hmac
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from ondijon.web.errors import NotSignedIn
from ondijon.web.oidc.tokens import Expected, UnknownKey, read_token

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
AT = int(NOW.timestamp())
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"}, private=True)
KEYS = KeySet.import_key_set({"keys": [KEY.as_dict(private=False)]})
EXPECTED = Expected("https://id.example", "ondijon", "n-1", ("RS256", "PS256", "ES256"))
GOOD = {"iss": "https://id.example", "aud": "ondijon", "sub": "7", "nonce": "n-1", "iat": AT, "exp": AT + 300}


def signed(claims: dict[str, Any], key: Any = KEY, **header: str) -> str:
    return jwt.encode({"alg": "RS256", "kid": "one", **header}, claims, key, algorithms=[header.get("alg", "RS256")])


def why(token: str, expected: Expected = EXPECTED) -> object:
    with pytest.raises(NotSignedIn) as refused:
        read_token(token, KEYS, expected, NOW)
    return refused.value.values["why"]


def test_a_token_that_holds_is_read() -> None:
    assert read_token(signed(GOOD), KEYS, EXPECTED, NOW)["sub"] == "7"
    several = {**GOOD, "aud": ["other", "ondijon"], "azp": "ondijon", "nbf": AT}
    assert read_token(signed(several), KEYS, EXPECTED, NOW)["sub"] == "7"


WRONG: tuple[tuple[str, dict[str, Any]], ...] = (
    ("iss", {"iss": "https://id.example.test"}),
    ("iss", {"iss": None}),
    ("aud", {"aud": "somebody"}),
    ("aud", {"aud": ["ondijon", "other"]}),
    ("aud", {"aud": ["ondijon"], "azp": "other"}),
    ("aud", {"aud": None}),
    ("sub", {"sub": ""}),
    ("sub", {"sub": 7}),
    ("sub", {"sub": "x" * 256}),
    ("nonce", {"nonce": "n-2"}),
    ("nonce", {"nonce": None}),
    ("exp", {"exp": AT - 61}),
    ("exp", {"exp": None}),
    ("exp", {"exp": True}),
    ("iat", {"iat": AT + 61}),
    ("iat", {"iat": AT - 601}),
    ("nbf", {"nbf": AT + 61}),
)


@pytest.mark.parametrize(("reason", "change"), WRONG)
def test_a_token_that_says_something_else_is_refused(reason: str, change: dict[str, Any]) -> None:
    claims = {key: value for key, value in {**GOOD, **change}.items() if value is not None}
    assert why(signed(claims)) == reason


def test_a_proof_that_must_be_fresh_says_when_it_was_given() -> None:
    fresh = msgspec.structs.replace(EXPECTED, authenticated_after=AT - 30)
    assert why(signed(GOOD), fresh) == "auth_time"
    assert why(signed({**GOOD, "auth_time": AT - 3600}), fresh) == "auth_time"
    assert read_token(signed({**GOOD, "auth_time": AT - 20}), KEYS, fresh, NOW)


def test_no_token_without_a_signature_is_read() -> None:
    body = signed(GOOD).split(".")[1]
    assert why(f"eyJhbGciOiJub25lIn0.{body}.") == "UnsupportedAlgorithmError"
    for nonsense in ("", "x", "a.b.c", "..", signed(GOOD)[:-8] + "é"):
        with pytest.raises((NotSignedIn, UnknownKey)):
            read_token(nonsense, KEYS, EXPECTED, NOW)


def test_a_signature_made_with_what_is_public_is_refused() -> None:
    body = signed(GOOD).split(".")[1]
    head = _unpadded(b'{"alg":"HS256","kid":"one"}')
    for public in (KEY.as_pem(private=False), str(KEY.as_dict(private=False)["n"]).encode()):
        signature = _unpadded(hmac.digest(public, f"{head}.{body}".encode(), "sha256"))
        assert why(f"{head}.{body}.{signature}") == "UnsupportedAlgorithmError"


def _unpadded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def test_another_s_key_is_unknown_whatever_its_name() -> None:
    other = RSAKey.generate_key(2048, {"kid": "two"}, private=True)
    for kid in ("one", "two"):
        with pytest.raises(UnknownKey):
            read_token(signed(GOOD, other, kid=kid), KEYS, EXPECTED, NOW)


def test_an_algorithm_that_the_settings_leave_out_is_refused() -> None:
    narrow = msgspec.structs.replace(EXPECTED, algorithms=("ES256",))
    assert why(signed(GOOD), narrow) == "UnsupportedAlgorithmError"
