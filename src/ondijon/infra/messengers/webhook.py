"""Web hooks: a signed JSON message to an address of the receiver's own choice, which is vetted each time."""

import hashlib
import hmac
import ssl
from uuid import UUID

import msgspec
from msgspec import Struct

from ondijon.infra.messengers.posting import MakeTls, post_json
from ondijon.infra.messengers.vetting import Resolver, resolve, vet
from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import Refused

_SHORTEST_SECRET = 16


class WebhookSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """secret: what signatures are made with, shared with receivers; allow_loopback: for a receiver on this machine."""

    secret: str
    allow_loopback: bool = False
    timeout_s: float = 10.0


class WebhookMessenger:
    """The Messenger port over HTTPS; a receiver answers 2xx and so confirms."""

    confirms = True

    def __init__(
        self,
        settings: WebhookSettings,
        clock: Clock,
        resolver: Resolver = resolve,
        make_tls: MakeTls = ssl.create_default_context,
    ) -> None:
        if len(settings.secret) < _SHORTEST_SECRET:
            raise Refused("error.webhook_secret", shortest=_SHORTEST_SECRET)
        self._settings = settings
        self._clock = clock
        self._resolver = resolver
        self._make_tls = make_tls

    async def send(self, address: str, subject: str, text: str, key: UUID) -> str:
        """POST `{"id", "subject", "text"}`; the receipt is the status and, when given, the X-Request-Id."""
        vetted = await vet(address, self._resolver, self._settings.allow_loopback)
        body = msgspec.json.encode({"id": key, "subject": subject, "text": text})
        sent_at = int(self._clock.now().timestamp())
        headers = {
            "Host": vetted.authority,
            "Idempotency-Key": str(key),
            "X-Ondijon-Signature": f"t={sent_at},v1={sign(self._settings.secret, sent_at, body)}",
        }
        answer = await post_json(
            vetted.url,
            body,
            headers,
            self._settings.timeout_s,
            self._make_tls,
            server_name=vetted.host if vetted.secure else None,
        )
        return f"{answer.status} {answer.headers.get('x-request-id', '')}".strip()[:200]


def sign(secret: str, sent_at: int, body: bytes) -> str:
    """HMAC-SHA256 of `{epoch seconds}.{body}`, in hex: a receiver refuses what is old, or not signed so."""
    return hmac.new(secret.encode(), f"{sent_at}.".encode() + body, hashlib.sha256).hexdigest()
