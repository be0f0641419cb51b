"""The directory's SQL for the console, one query a function."""

from collections.abc import Sequence
from uuid import UUID

from ondijon.kernel.ports import Row, Rows


async def list_persons(rows: Rows, contacts: Sequence[UUID]) -> Sequence[Row]:
    """The persons behind these contacts."""
    return await rows.fetch(
        "SELECT contact, name, phone, email FROM contact_persons WHERE contact = ANY($1::uuid[])", list(contacts)
    )
