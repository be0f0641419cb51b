"""From the button to the session: a browser goes to the provider and comes back with a proof bound to its cookie."""

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from msgspec import Struct

from ondijon.kernel.clock import Clock
from ondijon.kernel.identity import Actor, Role
from ondijon.kernel.ids import IdSource
from ondijon.kernel.ports import Rows
from ondijon.web.errors import NotSignedIn
from ondijon.web.oidc import queries
from ondijon.web.oidc.provider import Provider
from ondijon.web.oidc.settings import OidcSettings, grants_of
from ondijon.web.oidc.tokens import Expected, UnknownKey, read_token
from ondijon.web.sessions import actor_of
from ondijon.web.throttle import Throttle

FLOW_COOKIE = "ondijon_oidc"
FLOW_LENGTH = timedelta(minutes=10)
_LONGEST_NAME = 120


class Gone(Struct, frozen=True):
    """A browser that leaves for the provider: where to, and the cookie it must bring back."""

    url: str
    binder: str


class Came(Struct, frozen=True):
    """Somebody whom the provider vouches for; unlocks: the digest of the session to open again, or None."""

    actor: Actor
    unlocks: bytes | None


class OidcDoor:
    """`leave` and `come_back`; `clock` is the world's own time, never a demonstration's: tokens carry real times."""

    def __init__(
        self,
        settings: OidcSettings,
        provider: Provider,
        rows: Rows,
        ids: IdSource,
        clock: Clock,
        roles: Mapping[str, Role],
        throttle: Throttle,
    ) -> None:
        self._settings = settings
        self._provider = provider
        self._rows = rows
        self._ids = ids
        self._clock = clock
        self._roles = roles
        self._throttle = throttle

    @property
    def label(self) -> str:
        """What the button says."""
        return self._settings.label

    async def close(self) -> None:
        await self._provider.close()

    async def leave(self, address: str, unlocks: bytes | None = None) -> Gone:
        """Begin a sign-in, or with `unlocks` a fresh proof for a locked session; raises EngineAway or TooOften."""
        self._throttle.count_try("", address)
        binder, state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
        now = self._clock.now()
        parameters = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.redirect_uri,
            "scope": " ".join(self._settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        if unlocks is not None:
            # The provider's own session is no proof that the person is still there.
            parameters |= {"prompt": "login", "max_age": "0"}
        url = await self._provider.authorization_url(parameters)
        await queries.forget_flows(self._rows, now - FLOW_LENGTH)
        await queries.insert_flow(self._rows, (_digest(binder), state, nonce, verifier, unlocks, now))
        return Gone(url, binder)

    async def come_back(self, binder: str, answer: Mapping[str, str]) -> Came:
        """Whom the answer of the provider vouches for; raises NotSignedIn, or EngineAway when it is silent."""
        now = self._clock.now()
        flow = await queries.take_flow(self._rows, _digest(binder), now - FLOW_LENGTH) if binder else None
        if flow is None or not secrets.compare_digest(answer.get("state", "").encode(), flow["state"].encode()):
            raise NotSignedIn("error.oidc_refused", why="state")
        # RFC 9207: an answer that names its issuer must name ours.
        if answer.get("iss", self._settings.issuer) != self._settings.issuer:
            raise NotSignedIn("error.oidc_refused", why="iss")
        if "code" not in answer:
            raise NotSignedIn("error.oidc_refused", why=answer.get("error", "code")[:60])
        fresh = flow["started_at"].timestamp() if flow["unlocks"] is not None else None
        settings = self._settings
        expected = Expected(settings.issuer, settings.client_id, flow["nonce"], settings.algorithms, fresh)
        claims = await self._claims(answer["code"], flow["verifier"], expected)
        return Came(await self._user(claims), flow["unlocks"])

    async def _claims(self, code: str, verifier: str, expected: Expected) -> Mapping[str, Any]:
        tokens = await self._provider.exchange(code, verifier)
        try:
            claims = read_token(tokens.id_token, await self._provider.keys(), expected, self._clock.now())
        except UnknownKey:
            keys = await self._provider.keys(afresh=True)
            try:
                claims = read_token(tokens.id_token, keys, expected, self._clock.now())
            except UnknownKey as error:
                raise NotSignedIn("error.oidc_refused", why="key") from error
        if self._settings.groups_claim in claims:
            return claims
        return {**await self._provider.user_claims(tokens, claims["sub"]), **claims}

    async def _user(self, claims: Mapping[str, Any]) -> Actor:
        """The user that these claims make or refresh; raises NotSignedIn when they give no role."""
        grants = grants_of(self._settings, _texts(claims.get(self._settings.groups_claim)), self._roles)
        proof = (self._settings.issuer, str(claims["sub"]))
        if not grants:
            await queries.drop_grants(self._rows, proof)
            raise NotSignedIn("error.oidc_no_role")
        wanted = str(claims.get(self._settings.username_claim) or claims["sub"]).strip().casefold()[:_LONGEST_NAME]
        name = str(claims.get(self._settings.name_claim) or wanted)[:_LONGEST_NAME]
        # A name that a local account has already is never given to somebody else.
        mark = hashlib.sha256("\n".join(proof).encode()).hexdigest()[:8]
        for username in (wanted, f"{wanted}-{mark}"):
            ids = (self._ids.new_id(), self._ids.new_id())
            row = await queries.save_user(self._rows, ids, proof, username, name, grants)
            if row is not None:
                return actor_of(row)
        raise NotSignedIn("error.bad_credentials")


def _texts(claim: object) -> Sequence[str]:
    if isinstance(claim, str):
        return [claim]
    return [one for one in claim if isinstance(one, str)] if isinstance(claim, list) else []


def _challenge(verifier: str) -> str:
    """RFC 7636, S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _digest(binder: str) -> bytes:
    return hashlib.sha256(binder.encode()).digest()
