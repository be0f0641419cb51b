"""Where an incident belongs, for who watches it."""

from uuid import UUID

from ondijon.kernel.ports import Row, Rows


async def find_place(rows: Rows, incident: UUID) -> Row | None:
    """Its trade and commune."""
    return await rows.fetch_one("SELECT trade, commune FROM incidents WHERE id = $1", incident)
