"""Devices sign in through us: the broker asks this service, and without an answer nobody gets in."""

import hashlib
import hmac
import logging
from collections import Counter
from collections.abc import Awaitable, Callable

import msgspec

from ondijon.infra.nats.bus import NatsBus
from ondijon.infra.nats.callout_tokens import Signer, SignInRequest, read_request
from ondijon.infra.nats.config import POST_ACCOUNT
from ondijon.infra.nats.refusals import OnRefusal, Refusal
from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import EngineAway, OndijonError
from ondijon.kernel.ids import is_local_id

_LOG = logging.getLogger(__name__)

# SHA-256 of the secret of a gateway that may sign in; None for an unknown or revoked one.
CredentialSource = Callable[[str], Awaitable[bytes | None]]

_SUBJECT = "$SYS.REQ.USER.AUTH"
_CONNECTIONS = "$SYS.REQ.SERVER.PING.CONNZ"
_SILENCE_S = 0.15
_KICK_ROUNDS = 2


class _Connection(msgspec.Struct):
    cid: int


class _Connections(msgspec.Struct):
    server_id: str
    connections: list[_Connection] = []


class _ConnectionsAnswer(msgspec.Struct):
    data: _Connections


class AuthCallout:
    """Answers sign-ins of gateways and closes those of revoked ones.

    A gateway's user name is its MQTT client id and its id; anything else is refused. `on_refusal` hears of every
    sign-in refused here.
    """

    def __init__(
        self,
        callout_url: str,
        system_url: str,
        issuer_seed: str,
        lookup: CredentialSource,
        *,
        clock: Clock,
        on_refusal: OnRefusal,
    ) -> None:
        self._callout_url = callout_url
        self._system_url = system_url
        self._signer = Signer(issuer_seed)
        self._lookup = lookup
        self._clock = clock
        self._on_refusal = on_refusal
        self._callout: NatsBus | None = None
        self._system: NatsBus | None = None
        self._kicks: Counter[str] = Counter()

    async def start(self) -> None:
        """Sign in to both accounts and listen; from then on gateways can connect."""
        self._system = await NatsBus.open(self._system_url, "auth callout")
        self._callout = await NatsBus.open(self._callout_url, "auth callout")
        await self._callout.answer(_SUBJECT, self._answer)

    async def stop(self) -> None:
        """Stop answering; connected gateways stay connected."""
        for bus in (self._callout, self._system):
            if bus is not None:
                await bus.close()
        self._callout = self._system = None

    async def kick(self, gateway: str) -> int:
        """Close the live connections of a gateway whose credential is already revoked; returns how many.

        A sign-in that was under way is refused, and a second look catches one that had just been let in.
        Raises EngineAway when the broker is not there (then no gateway is connected either).
        """
        self._kicks[gateway] += 1
        if self._system is None:
            raise EngineAway("error.bus_away", detail="auth callout")
        return sum([await _kick_once(self._system, gateway) for _ in range(_KICK_ROUNDS)])

    async def _answer(self, token: bytes) -> bytes | None:
        """The signed verdict; none at all is a refusal too, after the server's own time limit."""
        try:
            return await self._judge(read_request(token))
        except (OndijonError, OSError) as error:
            _LOG.warning("a sign-in went without an answer: %s", error)
            return None

    async def _judge(self, request: SignInRequest) -> bytes:
        gateway = request.connect_opts.user
        kicks = self._kicks[gateway]
        reason = await self._reason_to_refuse(request, gateway)
        issued_s = int(self._clock.now_us() // 1_000_000)
        if reason is None and kicks != self._kicks[gateway]:
            reason = "unknown_gateway"
        if reason is None:
            return self._signer.allow(request, POST_ACCOUNT, issued_s, gateway)
        self._on_refusal(Refusal(gateway, reason, "", self._clock.now()))
        return self._signer.refuse(request, issued_s, reason)

    async def _reason_to_refuse(self, request: SignInRequest, gateway: str) -> str | None:
        if not is_local_id(gateway) or request.client_info.type != "mqtt":
            return "unknown_gateway"
        # Otherwise one gateway could take over, and so cut off, the session of another.
        if request.client_info.mqtt_id != gateway:
            return "foreign_client_id"
        expected = await self._lookup(gateway)
        if expected is None:
            return "unknown_gateway"
        secret = hashlib.sha256(request.connect_opts.password.encode()).digest()
        return None if hmac.compare_digest(secret, expected) else "wrong_secret"


async def _kick_once(system: NatsBus, gateway: str) -> int:
    """Ask every server of the cluster for the gateway's connections and close them."""
    question = msgspec.json.encode({"mqtt_client": gateway})
    kicked = 0
    for answer in await system.request_all(_CONNECTIONS, question, _SILENCE_S):
        found = msgspec.json.decode(answer, type=_ConnectionsAnswer).data
        for connection in found.connections:
            order = msgspec.json.encode({"cid": connection.cid})
            # The server acts on a request only, not on a message that wants no answer.
            await system.request(f"$SYS.REQ.SERVER.{found.server_id}.KICK", order, _SILENCE_S)
            kicked += 1
    return kicked
