"""The SQL of automations: decisions with what they knew, and facts that wait to see whether they stand."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ondijon.kernel.identity import Actor
from ondijon.kernel.ports import Row, Transaction


async def add_actor(tx: Transaction, actor: Actor, name: str, at: datetime) -> None:
    """Give an automation its name beside those of people; nobody can sign in as one."""
    await tx.execute(
        """INSERT INTO users (user_id, pseudonym, username, name, password_hash, grants, disabled_at)
           VALUES ($1, $2, $3, $4, '!', '[]', $5)
           ON CONFLICT (user_id) DO UPDATE SET name = excluded.name WHERE users.name <> excluded.name""",
        actor.user_id,
        actor.pseudonym,
        actor.username,
        name,
        at,
    )


async def wait(tx: Transaction, rule: str, subject: str, due_at: datetime, event: dict[str, Any]) -> None:
    """Note a fact until it has stood long enough; one that waits already keeps its time."""
    await tx.execute(
        """INSERT INTO automation_waiting (automation, subject, due_at, event) VALUES ($1, $2, $3, $4)
           ON CONFLICT (automation, subject) DO NOTHING""",
        rule,
        subject,
        due_at,
        event,
    )


async def stop_waiting(tx: Transaction, rule: str, subject: str) -> None:
    await tx.execute("DELETE FROM automation_waiting WHERE automation = $1 AND subject = $2", rule, subject)


async def take_due(tx: Transaction, rule: str, at: datetime) -> Sequence[Row]:
    """The facts of a rule whose time has come, out of the list; an alarm card merged into another stands no more."""
    return await tx.fetch(
        """WITH due AS (
               DELETE FROM automation_waiting WHERE (automation, subject) IN (
                   SELECT automation, subject FROM automation_waiting WHERE automation = $1 AND due_at <= $2
                   ORDER BY due_at LIMIT 100 FOR UPDATE SKIP LOCKED) RETURNING subject, event, due_at)
           SELECT event FROM due
           WHERE NOT EXISTS (SELECT 1 FROM alarm_cards c
                             WHERE due.subject = 'card:' || c.id AND c.merged_into IS NOT NULL)
           ORDER BY due_at, subject""",
        rule,
        at,
    )


async def list_past(tx: Transaction, rule: str, thread: str, since: datetime) -> Sequence[Row]:
    """Decisions of a rule on one thread, the latest first."""
    return await tx.fetch(
        """SELECT at, outcome -> 'performed' AS performed FROM automation_decisions
           WHERE automation = $1 AND at >= $3 AND input ->> 'thread' = $2 ORDER BY at DESC, id DESC LIMIT 20""",
        rule,
        thread,
        since,
    )


async def insert_decision(
    tx: Transaction, row: tuple[UUID, str, int, datetime, str | None, str | None, Any, Any]
) -> None:
    """id, rule, version, at, trade, commune, input, outcome; the same decision again stays one."""
    await tx.execute(
        """INSERT INTO automation_decisions (id, automation, version, at, trade, commune, input, outcome)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING""",
        *row,
    )
