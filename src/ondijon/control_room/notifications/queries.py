"""The SQL of notifications, one query a function."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ondijon.control_room.notifications.model import Delivery, Draft, Escalation
from ondijon.kernel.ports import Row, Rows, Transaction


async def list_staff(tx: Transaction, seen_after: datetime) -> Sequence[Row]:
    """Everybody who may sign in: pseudonym, grants, and whether somebody sits there who was seen lately."""
    return await tx.fetch(
        """SELECT u.pseudonym, u.grants,
                  EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = u.user_id AND s.seen_at > $1) AS here
           FROM users u WHERE u.disabled_at IS NULL ORDER BY u.pseudonym""",
        seen_after,
    )


async def insert_notice(tx: Transaction, notice: UUID, draft: Draft, escalation: Escalation, now: datetime) -> bool:
    """False when its cause was told already."""
    row = await tx.fetch_one(
        """INSERT INTO notices (id, key, cause, subject, trade, commune, values, urgent, at, by, step, state, due_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
           ON CONFLICT (cause) DO NOTHING RETURNING id""",
        notice,
        draft.key,
        draft.cause,
        draft.subject,
        draft.trade,
        draft.commune,
        draft.values,
        draft.urgent,
        now,
        draft.by,
        int(escalation.rung),
        escalation.state,
        escalation.due_at,
    )
    return row is not None


async def save_escalation(tx: Transaction, notice: UUID, escalation: Escalation) -> None:
    await tx.execute(
        "UPDATE notices SET step = $2, state = $3, due_at = $4 WHERE id = $1",
        notice,
        int(escalation.rung),
        escalation.state,
        escalation.due_at,
    )


async def lock_due(tx: Transaction, now: datetime, most: int) -> Sequence[Row]:
    """Notices whose rung has run out; another process takes others."""
    return await tx.fetch(
        """SELECT * FROM notices WHERE state = 'waiting' AND due_at <= $1
           ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED""",
        now,
        most,
    )


async def lock_settled(tx: Transaction) -> Sequence[Row]:
    """Notices that wait though their alarm is acknowledged or over, or their order is decided."""
    return await tx.fetch(
        """SELECT n.* FROM notices n WHERE n.state = 'waiting' AND (
             (n.key = 'card.unacknowledged' AND NOT EXISTS (
                SELECT 1 FROM alarm_cards c WHERE n.subject = 'card:' || c.id AND c.acknowledged_at IS NULL
                  AND c.over_at IS NULL AND c.merged_into IS NULL AND c.disposition = 'shown'))
             OR (n.key = 'command.awaiting_approval' AND NOT EXISTS (
                SELECT 1 FROM commands c WHERE n.subject = 'command:' || c.id AND c.state = 'awaiting_approval')))
           FOR UPDATE SKIP LOCKED"""
    )


async def list_unacknowledged(
    tx: Transaction, types: Sequence[str], response_s: Sequence[int], now: datetime, most: int
) -> Sequence[Row]:
    """Cards of priority 1 beyond their type's time to respond that no notice is about yet."""
    return await tx.fetch(
        """SELECT c.id, c.type, c.trade, c.raised_at, coalesce(c.explanation ->> 'label', t.name, c.element) AS element,
                  coalesce((SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(c.by_commune) k), '{}') AS communes
           FROM alarm_cards c
             JOIN unnest($1::text[], $2::integer[]) AS due(type, response_s) ON due.type = c.type
             LEFT JOIN twins t ON t.twin_no = c.twin_no
           WHERE c.over_at IS NULL AND c.merged_into IS NULL AND c.disposition = 'shown' AND c.priority = 1
             AND c.acknowledged_at IS NULL AND c.active > 0
             AND c.raised_at + make_interval(secs => due.response_s) <= $3
             AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.cause = 'card.unacknowledged:' || c.id)
           ORDER BY c.raised_at LIMIT $4""",
        list(types),
        list(response_s),
        now,
        most,
    )


async def list_unapproved(tx: Transaction, before: datetime, most: int) -> Sequence[Row]:
    """Orders that wait for a second person since `before` that no notice is about yet."""
    return await tx.fetch(
        """SELECT id, key, trade, communes, issuer, requested_at FROM commands
           WHERE state = 'awaiting_approval' AND requested_at <= $1
             AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.cause = 'command.awaiting_approval:' || commands.id)
           ORDER BY requested_at LIMIT $2""",
        before,
        most,
    )


async def insert_for_person(tx: Transaction, notification: UUID, notice: UUID, person: UUID, now: datetime) -> bool:
    """False when this person was told of it already."""
    row = await tx.fetch_one(
        """INSERT INTO notifications (id, notice, recipient, at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (recipient, notice) WHERE recipient IS NOT NULL DO NOTHING RETURNING id""",
        notification,
        notice,
        person,
        now,
    )
    return row is not None


async def insert_for_contact(tx: Transaction, notification: UUID, notice: UUID, contact: UUID, now: datetime) -> bool:
    """False when this contact was told of it already."""
    row = await tx.fetch_one(
        """INSERT INTO notifications (id, notice, contact, at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (notice, contact) WHERE contact IS NOT NULL DO NOTHING RETURNING id""",
        notification,
        notice,
        contact,
        now,
    )
    return row is not None


async def list_told(tx: Transaction, notice: UUID) -> Sequence[Row]:
    """The people who were told of a notice."""
    return await tx.fetch("SELECT recipient FROM notifications WHERE notice = $1 AND recipient IS NOT NULL", notice)


async def list_addresses(tx: Transaction, people: Sequence[UUID]) -> Sequence[Row]:
    return await tx.fetch(
        "SELECT person, way, address FROM notification_addresses WHERE person = ANY($1::uuid[]) ORDER BY person, way",
        list(people),
    )


async def save_address(tx: Transaction, person: UUID, way: str, address: str, now: datetime) -> None:
    await tx.execute(
        """INSERT INTO notification_addresses (person, way, address, entered_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (person, way) DO UPDATE SET address = EXCLUDED.address, entered_at = EXCLUDED.entered_at""",
        person,
        way,
        address,
        now,
    )


async def delete_address(tx: Transaction, person: UUID, way: str) -> None:
    await tx.execute("DELETE FROM notification_addresses WHERE person = $1 AND way = $2", person, way)


async def insert_delivery(
    tx: Transaction, notification: UUID, way: str, address: str, title: str, text: str, now: datetime
) -> None:
    await tx.execute(
        """INSERT INTO notification_deliveries (notification, way, address, title, text, state, tries, next_try_at,
                                                queued_at)
           VALUES ($1, $2, $3, $4, $5, 'queued', 0, $6, $6)""",
        notification,
        way,
        address,
        title,
        text,
        now,
    )


async def mark_read(tx: Transaction, person: UUID, ids: Sequence[UUID], now: datetime) -> Sequence[Row]:
    """Set one's own unread notifications to read; returns their notices, locked."""
    return await tx.fetch(
        """WITH mine AS (UPDATE notifications SET read_at = $3
                         WHERE recipient = $1 AND id = ANY($2::uuid[]) AND read_at IS NULL RETURNING notice)
           SELECT * FROM notices WHERE id IN (SELECT notice FROM mine) FOR UPDATE""",
        person,
        list(ids),
        now,
    )


async def lease_deliveries(rows: Rows, ways: Sequence[str], now: datetime, until: datetime, most: int) -> Sequence[Row]:
    """Take due deliveries for this process until `until`; no other process gets the same ones meanwhile."""
    return await rows.fetch(
        """UPDATE notification_deliveries d SET leased_until = $3, tries = d.tries + 1
           FROM (SELECT notification, way FROM notification_deliveries
                 WHERE state = 'queued' AND way = ANY($1::text[]) AND next_try_at <= $2
                   AND (leased_until IS NULL OR leased_until <= $2)
                 ORDER BY next_try_at LIMIT $4 FOR UPDATE SKIP LOCKED) AS due,
                notifications, notices
           WHERE d.notification = due.notification AND d.way = due.way
             AND notifications.id = d.notification AND notices.id = notifications.notice
           RETURNING d.notification, d.way, d.address, d.title, d.text, d.tries, d.next_try_at, notices.subject""",
        list(ways),
        now,
        until,
        most,
    )


async def save_attempt(rows: Rows, notification: UUID, way: str, delivery: Delivery, now: datetime) -> None:
    """Record what an attempt came to, unless a later one is under way."""
    await rows.execute(
        """UPDATE notification_deliveries
           SET state = $4, next_try_at = $5, last_error = $6, receipt = $7, leased_until = NULL,
               ended_at = CASE WHEN $4 = 'queued' THEN NULL ELSE $8::timestamptz END
           WHERE notification = $1 AND way = $2 AND tries = $3 AND state = 'queued'""",
        notification,
        way,
        delivery.tries,
        delivery.state,
        delivery.next_try_at,
        delivery.last_error,
        delivery.receipt,
        now,
    )


async def fail_without_way(rows: Rows, ways: Sequence[str], error: str, now: datetime) -> None:
    """What is queued for a way that this post has not been given will never leave."""
    await rows.execute(
        """UPDATE notification_deliveries SET state = 'failed', last_error = $2, ended_at = $3, next_try_at = NULL
           WHERE state = 'queued' AND NOT way = ANY($1::text[])""",
        list(ways),
        error,
        now,
    )


async def take_failed(tx: Transaction, now: datetime) -> Sequence[Row]:
    """Deliveries given up since the last look, each once."""
    return await tx.fetch(
        """UPDATE notification_deliveries d SET told_at = $1 FROM notifications, notices
           WHERE d.state = 'failed' AND d.told_at IS NULL
             AND notifications.id = d.notification AND notices.id = notifications.notice
           RETURNING d.notification, d.way, d.last_error, notices.subject, notices.trade, notices.commune""",
        now,
    )
