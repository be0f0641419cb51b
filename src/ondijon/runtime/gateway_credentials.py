"""Which gateways may sign in: added and revoked at run time, known by the hash of their secret only."""

import hashlib

from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.identity import Actor
from ondijon.kernel.ids import is_local_id
from ondijon.kernel.ports import Rows
from ondijon.runtime.audit_log import append_audit


class GatewayCredentials:
    """The rows of credentials; every change leaves an audit line."""

    def __init__(self, rows: Rows, clock: Clock) -> None:
        self._rows = rows
        self._clock = clock

    async def find(self, gateway: str) -> bytes | None:
        """SHA-256 of a gateway's secret; None for one that is unknown or revoked."""
        row = await self._rows.fetch_one(
            "SELECT secret_sha256 FROM gateway_credentials WHERE gateway = $1 AND revoked_at IS NULL", gateway
        )
        return None if row is None else bytes(row["secret_sha256"])

    async def add(self, actor: Actor, gateway: str, secret: str) -> None:
        """Let a gateway in with this secret; a revoked one is let in again with the new secret."""
        if not is_local_id(gateway) or len(secret) < 32:
            raise Refused("error.bad_credential", gateway=gateway)
        async with self._rows.transaction() as tx:
            await tx.execute(
                """INSERT INTO gateway_credentials (gateway, secret_sha256, added_at) VALUES ($1, $2, $3)
                   ON CONFLICT (gateway) DO UPDATE SET secret_sha256 = excluded.secret_sha256,
                       added_at = excluded.added_at, revoked_at = NULL""",
                gateway,
                hashlib.sha256(secret.encode()).digest(),
                self._clock.now(),
            )
            await append_audit(tx, self._clock, actor.pseudonym, "gateway.added", gateway, {})

    async def revoke(self, actor: Actor, gateway: str) -> None:
        """Let a gateway in no more; raises NotFound. Its live connection is closed by whoever runs the callout."""
        async with self._rows.transaction() as tx:
            row = await tx.fetch_one(
                """UPDATE gateway_credentials SET revoked_at = $2 WHERE gateway = $1 AND revoked_at IS NULL
                   RETURNING gateway""",
                gateway,
                self._clock.now(),
            )
            if row is None:
                raise NotFound("error.gateway_not_found", gateway=gateway)
            await append_audit(tx, self._clock, actor.pseudonym, "gateway.revoked", gateway, {})
