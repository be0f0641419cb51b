"""The SQL of policies below floors, one query a function."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ondijon.domains.lighting.rules.classes import LightingClass
from ondijon.domains.lighting.rules.policies import Policy, PolicyState
from ondijon.kernel.ports import Row, Rows, Transaction

_COLUMNS = """p.id, p.commune, p.classes, p.crossings, p.from_min, p.to_min, p.least_pct, p.since, p.until, p.state,
    p.reason, p.legal_note, p.proposed_by, p.proposed_at, p.decided_at, p.decision_reason, p.revoked_at,
    p.revocation_reason"""


def to_policy(row: Row) -> Policy:
    """A policy from its row."""
    return Policy(
        id=row["id"],
        commune=row["commune"],
        classes=tuple(LightingClass(name) for name in row["classes"]),
        crossings=row["crossings"],
        from_min=row["from_min"],
        to_min=row["to_min"],
        least_pct=row["least_pct"],
        since=row["since"],
        until=row["until"],
        state=PolicyState(row["state"]),
    )


async def insert_policy(tx: Transaction, policy: Policy, reason: str, legal_note: str, by: UUID, at: datetime) -> None:
    await tx.execute(
        """INSERT INTO lighting_policies (id, commune, classes, crossings, from_min, to_min, least_pct, since, until,
                                          state, reason, legal_note, proposed_by, proposed_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)""",
        policy.id,
        policy.commune,
        [name.value for name in policy.classes],
        policy.crossings,
        policy.from_min,
        policy.to_min,
        policy.least_pct,
        policy.since,
        policy.until,
        policy.state.value,
        reason,
        legal_note,
        by,
        at,
    )


async def lock_policy(tx: Transaction, policy: UUID) -> Row | None:
    """A policy, locked until the end of the transaction."""
    return await tx.fetch_one(
        f"SELECT {_COLUMNS} FROM lighting_policies p WHERE p.id = $1 FOR UPDATE",  # noqa: S608 (_COLUMNS is a literal)
        policy,
    )


async def decide(tx: Transaction, policy: UUID, state: PolicyState, reason: str, by: UUID, at: datetime) -> None:
    """Authorised or rejected."""
    await tx.execute(
        """UPDATE lighting_policies SET state = $2, decision_reason = $3, decided_by = $4, decided_at = $5
           WHERE id = $1""",
        policy,
        state.value,
        reason,
        by,
        at,
    )


async def revoke(tx: Transaction, policy: UUID, reason: str, by: UUID, at: datetime) -> None:
    await tx.execute(
        """UPDATE lighting_policies SET state = 'revoked', revocation_reason = $2, revoked_by = $3, revoked_at = $4
           WHERE id = $1""",
        policy,
        reason,
        by,
        at,
    )


async def list_authorised(reading: Rows | Transaction) -> Sequence[Policy]:
    """Every policy that is, or will be, in force."""
    rows = await reading.fetch(
        f"SELECT {_COLUMNS} FROM lighting_policies p WHERE p.state = 'authorised' ORDER BY p.id"  # noqa: S608
    )
    return [to_policy(row) for row in rows]
