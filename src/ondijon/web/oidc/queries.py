"""SQL of sign-ins under way and of the people whom the provider knows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from ondijon.kernel.identity import Grant
from ondijon.kernel.ports import Row, Rows


async def insert_flow(rows: Rows, values: Sequence[object]) -> None:
    """values: binder_sha256, state, nonce, verifier, unlocks, started_at."""
    await rows.execute(
        """INSERT INTO oidc_flows (binder_sha256, state, nonce, verifier, unlocks, started_at)
           VALUES ($1, $2, $3, $4, $5, $6)""",
        *values,
    )


async def take_flow(rows: Rows, binder_sha256: bytes, since: datetime) -> Row | None:
    """A sign-in under way, which is over by being read: nobody comes back twice."""
    return await rows.fetch_one(
        """WITH taken AS (DELETE FROM oidc_flows WHERE binder_sha256 = $1 RETURNING *)
           SELECT state, nonce, verifier, unlocks, started_at FROM taken WHERE started_at > $2""",
        binder_sha256,
        since,
    )


async def forget_flows(rows: Rows, before: datetime) -> None:
    await rows.execute("DELETE FROM oidc_flows WHERE started_at <= $1", before)


async def save_user(
    rows: Rows, ids: tuple[UUID, UUID], proof: tuple[str, str], username: str, name: str, grants: Sequence[Grant]
) -> Row | None:
    """Make or refresh the user of (issuer, subject); None when it is disabled or another has this username.

    ids: user id and pseudonym, for one that is new.
    """
    plain: Any = msgspec.to_builtins(list(grants))
    return await rows.fetch_one(
        """WITH known AS (
               UPDATE users SET name = $6, grants = $7 WHERE oidc_issuer = $3 AND oidc_subject = $4
               RETURNING user_id, pseudonym, name, username, grants, disabled_at),
           made AS (
               INSERT INTO users (user_id, pseudonym, username, name, grants, oidc_issuer, oidc_subject)
               SELECT $1, $2, $5, $6, $7, $3, $4 WHERE NOT EXISTS (SELECT 1 FROM known)
               ON CONFLICT DO NOTHING RETURNING user_id, pseudonym, name, username, grants, disabled_at)
           SELECT user_id, pseudonym, name, username, grants FROM (SELECT * FROM known UNION ALL SELECT * FROM made) u
           WHERE disabled_at IS NULL""",
        *ids,
        *proof,
        username,
        name,
        plain,
    )


async def drop_grants(rows: Rows, proof: tuple[str, str]) -> None:
    """Somebody whom no group gives a role any more holds nothing, in sessions that are open too."""
    await rows.execute("UPDATE users SET grants = '[]' WHERE oidc_issuer = $1 AND oidc_subject = $2", *proof)
