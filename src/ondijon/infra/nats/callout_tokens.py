"""The signed answers of NATS's auth callout: JSON Web Tokens of NATS's own `ed25519-nkey` kind."""

import base64
import hashlib
from typing import Any

import msgspec
import nkeys

from ondijon.kernel.errors import RemoteProtocolError

_HEADER = {"typ": "JWT", "alg": "ed25519-nkey"}
_UNLIMITED = -1


class _Server(msgspec.Struct):
    id: str = ""


class _Client(msgspec.Struct):
    mqtt_id: str = ""
    type: str = ""


class _Options(msgspec.Struct):
    user: str = ""
    password: str = msgspec.field(default="", name="pass")


class SignInRequest(msgspec.Struct):
    """Who asks to connect, as the server tells it."""

    user_nkey: str
    server_id: _Server
    client_info: _Client
    connect_opts: _Options


class _RequestClaims(msgspec.Struct):
    nats: SignInRequest


def read_request(token: bytes) -> SignInRequest:
    """The claims of a request; only the server may publish to the account we listen in, so none is verified."""
    try:
        payload = token.split(b".")[1]
        content = base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4))
        return msgspec.json.decode(content, type=_RequestClaims).nats
    except (IndexError, ValueError, msgspec.MsgspecError) as error:
        raise RemoteProtocolError("error.nats_bad_callout", detail=str(error)) from error


class Signer:
    """Signs answers with the account seed whose public key stands in the server's configuration."""

    def __init__(self, seed: str) -> None:
        self._key = nkeys.from_seed(bytearray(seed.encode()))
        self._issuer = self._key.public_key.decode()

    def allow(self, request: SignInRequest, account: str, issued_s: int, gateway: str) -> bytes:
        """The answer that lets a gateway in, into its own subtree and nowhere else.

        Where several roles share the field, that is judged after the broker has put `share/N` into the subject.

        A subscription to `down/{gateway}/#` also means `down/{gateway}`; QoS 1 delivers through `$MQTT.sub`,
        which the server keeps clients from subscribing to by themselves.
        """
        down = f"ondijon.1.down.{gateway}"
        user = self._sign(
            {
                "aud": account,
                "sub": request.user_nkey,
                "iat": issued_s,
                "name": gateway,
                "nats": {
                    "type": "user",
                    "version": 2,
                    "pub": {"allow": [f"ondijon.1.up.{gateway}.>", f"ondijon.1.share.*.{gateway}.>"]},
                    "sub": {"allow": [down, f"{down}.>", "$MQTT.sub.>"]},
                    "allowed_connection_types": ["MQTT"],
                    "subs": _UNLIMITED,
                    "data": _UNLIMITED,
                    "payload": _UNLIMITED,
                },
            }
        )
        return self._answer(request, issued_s, {"jwt": user.decode()})

    def refuse(self, request: SignInRequest, issued_s: int, reason: str) -> bytes:
        """The answer that keeps a client out; the reason ends in the server's log."""
        return self._answer(request, issued_s, {"error": reason})

    def _answer(self, request: SignInRequest, issued_s: int, verdict: dict[str, str]) -> bytes:
        return self._sign(
            {
                "aud": request.server_id.id,
                "sub": request.user_nkey,
                "iat": issued_s,
                "nats": {"type": "authorization_response", "version": 2, **verdict},
            }
        )

    def _sign(self, claims: dict[str, Any]) -> bytes:
        claims = {"iss": self._issuer, **claims}
        # The token's id is the digest of its content, as NATS's own libraries make it.
        digest = hashlib.sha256(msgspec.json.encode(claims)).digest()
        claims["jti"] = base64.b32encode(digest).decode().rstrip("=")
        text = _segment(msgspec.json.encode(_HEADER)) + b"." + _segment(msgspec.json.encode(claims))
        return text + b"." + _segment(self._key.sign(text))


def _segment(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")
