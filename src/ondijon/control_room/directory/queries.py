"""The directory's SQL, one query a function."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ondijon.control_room.directory.model import Contact, ContactPerson
from ondijon.kernel.ports import Row, Rows, Transaction

Reading = Rows | Transaction


async def lock_contact(tx: Transaction, contact: UUID) -> Row | None:
    """A contact that is not retired, with the name of who saved it last; locked until the end of the transaction."""
    return await tx.fetch_one(
        """SELECT contacts.*, users.name AS saved_by_name
           FROM contacts LEFT JOIN users ON users.pseudonym = contacts.saved_by
           WHERE contacts.id = $1 AND contacts.retired_at IS NULL FOR UPDATE OF contacts""",
        contact,
    )


async def list_standing(reading: Reading) -> Sequence[Row]:
    """Every contact that is not retired."""
    return await reading.fetch("SELECT * FROM contacts WHERE retired_at IS NULL ORDER BY name, id")


async def list_seeds(tx: Transaction) -> Sequence[Row]:
    """Everything that came from the city's file, retired or not."""
    return await tx.fetch("SELECT * FROM contacts WHERE seed IS NOT NULL")


async def insert_contact(
    tx: Transaction, contact_id: UUID, contact: Contact, seed: str | None, by: UUID, now: datetime
) -> None:
    await tx.execute(
        """INSERT INTO contacts (id, seed, edited, version, saved_at, saved_by,
                                 key, kind, name, body, phone, email, trades, communes, hours, note)
           VALUES ($1, $2, false, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)""",
        contact_id,
        seed,
        now,
        by,
        *_fields(contact),
    )


async def update_contact(
    tx: Transaction, contact_id: UUID, contact: Contact, edited: bool, by: UUID, now: datetime
) -> int:
    """Bring it to these fields, back from retirement if it was there; the new version."""
    row = await tx.fetch_one(
        """UPDATE contacts SET edited = $2, version = version + 1, saved_at = $3, saved_by = $4, key = $5, kind = $6,
                  name = $7, body = $8, phone = $9, email = $10, trades = $11, communes = $12, hours = $13, note = $14,
                  retired_at = NULL
           WHERE id = $1 RETURNING version""",
        contact_id,
        edited,
        now,
        by,
        *_fields(contact),
    )
    return 0 if row is None else int(row["version"])


async def retire_contact(tx: Transaction, contact_id: UUID, edited: bool, by: UUID, now: datetime) -> None:
    await tx.execute(
        """UPDATE contacts SET edited = $2, version = version + 1, saved_at = $3, saved_by = $4, retired_at = $3
           WHERE id = $1""",
        contact_id,
        edited,
        now,
        by,
    )


async def save_person(tx: Transaction, contact_id: UUID, person: ContactPerson, now: datetime) -> None:
    await tx.execute(
        """INSERT INTO contact_persons (contact, name, phone, email, entered_at) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (contact) DO UPDATE
           SET name = EXCLUDED.name, phone = EXCLUDED.phone, email = EXCLUDED.email,
               entered_at = EXCLUDED.entered_at""",
        contact_id,
        person.name,
        person.phone,
        person.email,
        now,
    )


async def delete_person(tx: Transaction, contact_id: UUID) -> None:
    await tx.execute("DELETE FROM contact_persons WHERE contact = $1", contact_id)


def _fields(contact: Contact) -> tuple[object, ...]:
    return (
        contact.key,
        contact.kind,
        contact.name,
        contact.body,
        contact.phone,
        contact.email,
        list(contact.trades),
        list(contact.communes),
        contact.hours,
        contact.note,
    )
