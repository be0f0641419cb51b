"""An ID token is believed only whole: signature, issuer, audience, times and nonce (OpenID Connect Core 3.1.3.7)."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from msgspec import Struct

from ondijon.web.errors import NotSignedIn

LEEWAY_S = 60
OLDEST_S = 600


class Expected(Struct, frozen=True):
    """What this sign-in's token must say; authenticated_after: POSIX seconds, for a proof that must be fresh."""

    issuer: str
    client_id: str
    nonce: str
    algorithms: tuple[str, ...]
    authenticated_after: float | None = None


class UnknownKey(Exception):
    """No key of the set has signed this token: perhaps they have changed."""


def read_token(text: str, keys: KeySet, expected: Expected, now: datetime) -> Mapping[str, Any]:
    """The claims of a token that holds; raises UnknownKey, or NotSignedIn with the reason in its values."""
    try:
        token = jwt.decode(text, keys, algorithms=list(expected.algorithms))
    except (InvalidKeyIdError, BadSignatureError) as error:
        # A provider may change its keys under new ids or under the old ones.
        raise UnknownKey from error
    except (JoseError, ValueError) as error:
        raise NotSignedIn("error.oidc_refused", why=type(error).__name__) from error
    problem = find_problem(token.claims, expected, now.timestamp())
    if problem is not None:
        raise NotSignedIn("error.oidc_refused", why=problem)
    return token.claims


def find_problem(claims: Mapping[str, Any], expected: Expected, now_s: float) -> str | None:
    """The first thing that is wrong with claims whose signature holds; None when nothing is."""
    if claims.get("iss") != expected.issuer:
        return "iss"
    if not _is_for(claims, expected.client_id):
        return "aud"
    if not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 255:
        return "sub"
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not secrets.compare_digest(nonce.encode(), expected.nonce.encode()):
        return "nonce"
    return _time_problem(claims, expected, now_s)


def _is_for(claims: Mapping[str, Any], client_id: str) -> bool:
    """Issued to us; a token for several must say that we are the one it was issued to."""
    audience = claims.get("aud")
    listed = [audience] if isinstance(audience, str) else audience
    if not isinstance(listed, list) or client_id not in listed:
        return False
    authorized = claims.get("azp")
    return authorized == client_id if authorized is not None or len(listed) > 1 else True


def _time_problem(claims: Mapping[str, Any], expected: Expected, now_s: float) -> str | None:
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    if expires is None or now_s >= expires + LEEWAY_S:
        return "exp"
    if issued is None or not now_s - OLDEST_S <= issued <= now_s + LEEWAY_S:
        return "iat"
    starts = _seconds(claims, "nbf")
    if starts is not None and now_s < starts - LEEWAY_S:
        return "nbf"
    after = expected.authenticated_after
    if after is not None:
        authenticated = _seconds(claims, "auth_time")
        if authenticated is None or authenticated < after - LEEWAY_S:
            return "auth_time"
    return None


def _seconds(claims: Mapping[str, Any], key: str) -> float | None:
    value = claims.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
