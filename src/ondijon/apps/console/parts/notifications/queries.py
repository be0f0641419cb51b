"""The SQL of notifications for the console, one query a function."""

from collections.abc import Sequence
from uuid import UUID

from ondijon.kernel.ports import Row, Rows


async def list_mine(rows: Rows, person: UUID, most: int) -> Sequence[Row]:
    """Newest first, with the name of who caused each."""
    return await rows.fetch(
        """SELECT n.id, n.at, n.read_at, o.key, o.values, o.subject, o.urgent, o.trade, o.commune, u.name AS by
           FROM notifications n JOIN notices o ON o.id = n.notice LEFT JOIN users u ON u.pseudonym = o.by
           WHERE n.recipient = $1 ORDER BY n.at DESC, n.id DESC LIMIT $2""",
        person,
        most,
    )


async def list_addresses(rows: Rows, person: UUID) -> Sequence[Row]:
    return await rows.fetch(
        "SELECT way, address, entered_at FROM notification_addresses WHERE person = $1 ORDER BY way", person
    )


async def list_deliveries(rows: Rows, most: int) -> Sequence[Row]:
    """The latest, newest first."""
    return await rows.fetch(
        """SELECT d.notification, d.way, d.state, d.tries, d.queued_at, d.next_try_at, d.ended_at, d.last_error,
                  o.key, o.subject, o.trade, o.commune
           FROM notification_deliveries d
             JOIN notifications n ON n.id = d.notification JOIN notices o ON o.id = n.notice
           ORDER BY d.queued_at DESC, d.notification DESC, d.way LIMIT $1""",
        most,
    )
