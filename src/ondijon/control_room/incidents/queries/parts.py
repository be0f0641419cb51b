"""What hangs on an incident: sources and their moves, assets, participants, files."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ondijon.kernel.ports import Row, Transaction


async def insert_source(
    tx: Transaction, source_id: UUID, incident: UUID, kind: str, source: str, by: UUID, at: datetime
) -> None:
    await tx.execute(
        """INSERT INTO incident_sources (id, incident, origin, kind, source, by, at)
           VALUES ($1, $2, $2, $3, $4, $5, $6)""",
        source_id,
        incident,
        kind,
        source,
        by,
        at,
    )


async def find_source(tx: Transaction, incident: UUID, kind: str, source: str) -> Row | None:
    return await tx.fetch_one(
        "SELECT id FROM incident_sources WHERE incident = $1 AND kind = $2 AND source = $3", incident, kind, source
    )


async def list_sources(tx: Transaction, incident: UUID) -> Sequence[Row]:
    return await tx.fetch(
        "SELECT id, origin, kind, source FROM incident_sources WHERE incident = $1 ORDER BY at, id", incident
    )


async def move_sources(
    tx: Transaction, moves: Sequence[tuple[UUID, UUID]], old: UUID, new: UUID, step: str, by: UUID, at: datetime
) -> None:
    """Hang sources on another incident and keep that they moved; `moves` are (id of the move, id of the source)."""
    await tx.execute(
        "UPDATE incident_sources SET incident = $2 WHERE id = ANY($1)", [source for _, source in moves], new
    )
    await tx.copy_rows(
        "incident_source_moves",
        ("id", "source", "from_incident", "to_incident", "step", "by", "at"),
        [(move, source, old, new, step, by, at) for move, source in moves],
    )


async def list_calls(tx: Transaction, incident: UUID) -> list[str]:
    """The calls that an incident is known from, its merged ones' included."""
    rows = await tx.fetch(
        "SELECT DISTINCT source FROM incident_sources WHERE incident = $1 AND kind = 'call' ORDER BY source", incident
    )
    return [row["source"] for row in rows]


async def point_merged_at(tx: Transaction, old: UUID, new: UUID) -> None:
    """What had been merged into `old` goes with it."""
    await tx.execute("UPDATE incidents SET merged_into = $2 WHERE merged_into = $1", old, new)


async def set_merged_into(tx: Transaction, incidents: Sequence[UUID], old: UUID, new: UUID) -> None:
    """Of `incidents`, those that had been merged into `old` go on in `new`."""
    await tx.execute(
        "UPDATE incidents SET merged_into = $3 WHERE id = ANY($1) AND merged_into = $2", list(incidents), old, new
    )


async def copy_assets(tx: Transaction, old: UUID, new: UUID) -> None:
    await tx.execute(
        """INSERT INTO incident_assets (incident, twin, at, by) SELECT $2, twin, at, by FROM incident_assets
           WHERE incident = $1 ON CONFLICT DO NOTHING""",
        old,
        new,
    )


async def add_asset(tx: Transaction, incident: UUID, twin: str, by: UUID, at: datetime) -> bool:
    """Whether it was not linked yet."""
    row = await tx.fetch_one(
        """INSERT INTO incident_assets (incident, twin, at, by) VALUES ($1, $2, $3, $4)
           ON CONFLICT DO NOTHING RETURNING twin""",
        incident,
        twin,
        at,
        by,
    )
    return row is not None


async def drop_asset(tx: Transaction, incident: UUID, twin: str) -> bool:
    """Whether it was linked."""
    row = await tx.fetch_one(
        "DELETE FROM incident_assets WHERE incident = $1 AND twin = $2 RETURNING twin", incident, twin
    )
    return row is not None


async def find_contact(tx: Transaction, contact: UUID) -> Row | None:
    return await tx.fetch_one(
        "SELECT id, name, kind, trades, communes FROM contacts WHERE id = $1 AND retired_at IS NULL", contact
    )


async def find_participant(tx: Transaction, incident: UUID, contact: UUID) -> Row | None:
    """Who of the directory takes part now."""
    return await tx.fetch_one(
        "SELECT id, name FROM incident_participants WHERE incident = $1 AND contact = $2 AND released_at IS NULL",
        incident,
        contact,
    )


async def find_handed_over(tx: Transaction, incident: UUID, contact: UUID) -> Row | None:
    """The participation under which a contact has taken the incident already."""
    return await tx.fetch_one(
        """SELECT id FROM incident_participants
           WHERE incident = $1 AND contact = $2 AND released_at IS NULL AND handed_over_at IS NOT NULL""",
        incident,
        contact,
    )


async def insert_participant(
    tx: Transaction, participant: UUID, incident: UUID, contact: Row, by: UUID, at: datetime
) -> None:
    await tx.execute(
        """INSERT INTO incident_participants (id, incident, contact, name, kind, at, by)
           VALUES ($1, $2, $3, $4, $5, $6, $7)""",
        participant,
        incident,
        contact["id"],
        contact["name"],
        contact["kind"],
        at,
        by,
    )


async def release_participant(tx: Transaction, incident: UUID, participant: UUID, at: datetime) -> Row | None:
    return await tx.fetch_one(
        """UPDATE incident_participants SET released_at = $3
           WHERE incident = $1 AND id = $2 AND released_at IS NULL RETURNING contact, name""",
        incident,
        participant,
        at,
    )


async def set_handed_over(
    tx: Transaction, participant: UUID, at: datetime, name: str | None, reference: str | None, note: str | None
) -> None:
    await tx.execute(
        """UPDATE incident_participants SET handed_over_at = $2, taken_by_name = $3, reference = $4, note = $5
           WHERE id = $1""",
        participant,
        at,
        name,
        reference,
        note,
    )


async def move_participants(tx: Transaction, old: UUID, new: UUID) -> None:
    """Those of `old` take part in `new`, unless they do already."""
    await tx.execute(
        """UPDATE incident_participants p SET incident = $2 WHERE p.incident = $1 AND NOT EXISTS (
               SELECT FROM incident_participants q
               WHERE q.incident = $2 AND q.contact = p.contact AND q.released_at IS NULL)""",
        old,
        new,
    )


async def attach_file(tx: Transaction, file: UUID, incident: UUID, by: UUID) -> Row | None:
    """Attach a file that `by` sent and that waits; None when there is no such file."""
    return await tx.fetch_one(
        """UPDATE incident_files SET incident = $2 WHERE id = $1 AND by = $3 AND (incident IS NULL OR incident = $2)
           RETURNING id, media_type""",
        file,
        incident,
        by,
    )


async def move_files(tx: Transaction, old: UUID, new: UUID) -> None:
    await tx.execute("UPDATE incident_files SET incident = $2 WHERE incident = $1", old, new)


async def forget_waiting_files(tx: Transaction, before: datetime) -> None:
    await tx.execute("DELETE FROM incident_files WHERE incident IS NULL AND at <= $1", before)
