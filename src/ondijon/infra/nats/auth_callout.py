"""Devices sign in through us: the broker asks this service, and without an answer nobody gets in."""

import asyncio
import hashlib
import hmac
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from ondijon.infra.nats.bus import connect
from ondijon.infra.nats.callout_tokens import Signer, SignInRequest, read_request
from ondijon.infra.nats.config import POST_ACCOUNT
from ondijon.infra.nats.refusals import OnRefusal, Refusal
from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import OndijonError
from ondijon.kernel.ids import is_local_id

_LOG = logging.getLogger(__name__)

# SHA-256 of the secret of a gateway that may sign in; None for an unknown or revoked one.
CredentialSource = Callable[[str], Awaitable[bytes | None]]

_SUBJECT = "$SYS.REQ.USER.AUTH"
_CONNECTIONS = "$SYS.REQ.SERVER.PING.CONNZ"
_ANSWERS_WITHIN_S = 0.15
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
        self._clients: list[Client] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._kicks: Counter[str] = Counter()

    async def start(self) -> None:
        """Sign in to both accounts and listen; from then on gateways can connect."""
        callout, system = await asyncio.gather(
            connect(self._callout_url, "auth callout"), connect(self._system_url, "auth callout")
        )
        self._clients = [callout, system]
        await callout.subscribe(_SUBJECT, cb=self._take)
        await callout.flush()

    async def stop(self) -> None:
        """Stop answering; connected gateways stay connected."""
        for task in self._tasks:
            task.cancel()
        for client in self._clients:
            await client.close()
        self._clients = []

    async def kick(self, gateway: str) -> int:
        """Close the live connections of a gateway whose credential is already revoked; returns how many.

        A sign-in that was under way is refused, and a second look catches one that had just been let in.
        """
        self._kicks[gateway] += 1
        system = self._clients[1]
        return sum([await _kick_once(system, gateway) for _ in range(_KICK_ROUNDS)])

    async def _take(self, message: Msg) -> None:
        """Answer aside, so that one slow look-up holds up nobody else."""
        task = asyncio.create_task(self._answer(message))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, message: Msg) -> None:
        try:
            await message.respond(await self._judge(read_request(message.data)))
        except (OndijonError, OSError, nats.errors.Error) as error:
            # No answer is a refusal: the server closes the connection after its own time limit.
            _LOG.warning("a sign-in went without an answer: %s", error)

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


async def _kick_once(system: Client, gateway: str) -> int:
    """Ask every server of the cluster for the gateway's connections and close them."""
    inbox = system.new_inbox()
    answers = await system.subscribe(inbox)
    question: dict[str, Any] = {"mqtt_client": gateway}
    kicked = 0
    try:
        await system.publish(_CONNECTIONS, msgspec.json.encode(question), reply=inbox)
        while True:
            answer = await answers.next_msg(timeout=_ANSWERS_WITHIN_S)
            found = msgspec.json.decode(answer.data, type=_ConnectionsAnswer).data
            for connection in found.connections:
                order = msgspec.json.encode({"cid": connection.cid})
                # The server acts on a request only, not on a message that wants no answer.
                await system.request(f"$SYS.REQ.SERVER.{found.server_id}.KICK", order, timeout=_ANSWERS_WITHIN_S)
                kicked += 1
    except nats.errors.TimeoutError:
        return kicked
    finally:
        await answers.unsubscribe()
