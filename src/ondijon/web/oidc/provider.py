"""What the post asks of the provider, over HTTP: where its doors are, its keys, tokens for a code, claims."""

from collections.abc import Mapping
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import httpx
import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from msgspec import Struct

from ondijon.kernel.errors import EngineAway
from ondijon.web.errors import NotSignedIn
from ondijon.web.oidc.settings import OidcSettings, is_safe_url

_TIMEOUT = httpx.Timeout(5.0, connect=3.0)
_LARGEST_ANSWER = 512 << 10
_Kind = TypeVar("_Kind")


class Doors(Struct, frozen=True):
    """The provider's metadata (OpenID Connect Discovery), as far as this flow goes."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None


class Tokens(Struct, frozen=True):
    """What a code is worth."""

    id_token: str
    access_token: str


class Provider:
    """One provider; what it says of its doors and keys is kept until a token shows that it has changed."""

    def __init__(self, settings: OidcSettings, secret: str, client: httpx.AsyncClient) -> None:
        self._settings = settings
        self._secret = secret
        self._client = client
        self._doors: Doors | None = None
        self._keys: KeySet | None = None

    @classmethod
    def open(cls, settings: OidcSettings, secret: str) -> Self:
        """No redirects, no proxy from the environment, and an answer within seconds or none."""
        client = httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, trust_env=False)
        return cls(settings, secret, client)

    async def close(self) -> None:
        await self._client.aclose()

    async def authorization_url(self, parameters: Mapping[str, str]) -> str:
        """Where a browser goes to sign in; raises EngineAway when the provider does not answer."""
        doors = await self._find_doors()
        joint = "&" if "?" in doors.authorization_endpoint else "?"
        return f"{doors.authorization_endpoint}{joint}{urlencode(parameters)}"

    async def exchange(self, code: str, verifier: str) -> Tokens:
        """The tokens for a code; raises NotSignedIn when the provider refuses it, EngineAway when it is away."""
        doors = await self._find_doors()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.redirect_uri,
            "code_verifier": verifier,
        }
        # RFC 6749, 2.3.1: both are form-encoded before they are joined.
        proof = httpx.BasicAuth(quote(self._settings.client_id, safe=""), quote(self._secret, safe=""))
        body = await self._ask("POST", doors.token_endpoint, data=form, auth=proof)
        return _read(body, Tokens)

    async def keys(self, *, afresh: bool = False) -> KeySet:
        """The keys that the provider signs with; afresh: ask again, because they may have changed."""
        if self._keys is None or afresh:
            body = await self._ask("GET", (await self._find_doors()).jwks_uri)
            try:
                self._keys = KeySet.import_key_set(msgspec.json.decode(body))
            except (JoseError, ValueError, TypeError, KeyError, msgspec.DecodeError) as error:
                raise NotSignedIn("error.oidc_refused", why="jwks") from error
        return self._keys

    async def user_claims(self, tokens: Tokens, subject: str) -> Mapping[str, Any]:
        """What the provider says of the person beside the token; nothing about anybody else is believed."""
        doors = await self._find_doors()
        if doors.userinfo_endpoint is None:
            return {}
        headers = {"Authorization": f"Bearer {tokens.access_token}"}
        claims = _read(await self._ask("GET", doors.userinfo_endpoint, headers=headers), dict[str, Any])
        if claims.get("sub") != subject:
            raise NotSignedIn("error.oidc_refused", why="userinfo")
        return claims

    async def _find_doors(self) -> Doors:
        if self._doors is None:
            body = await self._ask("GET", f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration")
            doors = _read(body, Doors)
            self._check(doors)
            self._doors = doors
        return self._doors

    def _check(self, doors: Doors) -> None:
        """Another issuer's metadata, or a door in the open, is refused."""
        urls = [doors.authorization_endpoint, doors.token_endpoint, doors.jwks_uri, doors.userinfo_endpoint]
        if doors.issuer != self._settings.issuer:
            raise NotSignedIn("error.oidc_refused", why="issuer")
        for url in urls:
            if url is not None and not is_safe_url(url.partition("?")[0]):
                raise NotSignedIn("error.oidc_refused", why="endpoint")

    async def _ask(self, method: str, url: str, **what: Any) -> bytes:
        try:
            async with self._client.stream(method, url, **what) as answer:
                body = b""
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > _LARGEST_ANSWER:
                        raise NotSignedIn("error.oidc_refused", why="size")
        except httpx.HTTPError as error:
            raise EngineAway("error.oidc_away") from error
        if answer.status_code >= 500:
            raise EngineAway("error.oidc_away")
        if answer.status_code != 200:
            raise NotSignedIn("error.oidc_refused", why=f"http_{answer.status_code}")
        return body


def _read(body: bytes, kind: type[_Kind]) -> _Kind:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise NotSignedIn("error.oidc_refused", why="answer") from error
