"""Incidents themselves: numbers, rows, pauses, texts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ondijon.control_room.incidents.model import CLOCKS, Course, Pause
from ondijon.control_room.incidents.rules.clocks import due_at
from ondijon.kernel.ports import Row, Transaction


async def next_number(tx: Transaction, year: int) -> int:
    """The next number of a year; a number is used up only when the transaction commits."""
    row = await tx.fetch_one(
        """INSERT INTO incident_numbers (year, last) VALUES ($1, 1)
           ON CONFLICT (year) DO UPDATE SET last = incident_numbers.last + 1 RETURNING last""",
        year,
    )
    assert row is not None
    return int(row["last"])


async def insert(tx: Transaction, values: Mapping[str, Any], lon: float, lat: float) -> None:
    """A new incident; the names of `values` are ours, never a person's."""
    names = ", ".join(values)
    places = ", ".join(f"${number}" for number in range(3, len(values) + 3))
    await tx.execute(
        f"INSERT INTO incidents (position, {names}) VALUES (point($1, $2), {places})",  # noqa: S608 (our own column names)
        lon,
        lat,
        *values.values(),
    )


async def save(tx: Transaction, incident: UUID, values: Mapping[str, Any]) -> int:
    """Change columns of a locked incident; the names of `values` are ours. Returns the next version."""
    changes = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, 2))
    row = await tx.fetch_one(
        f"UPDATE incidents SET {changes}, version = version + 1 WHERE id = $1 RETURNING version",  # noqa: S608 (as above)
        incident,
        *values.values(),
    )
    assert row is not None
    return int(row["version"])


async def move_to(tx: Transaction, incident: UUID, lon: float, lat: float) -> None:
    await tx.execute("UPDATE incidents SET position = point($2, $3) WHERE id = $1", incident, lon, lat)


async def lock(tx: Transaction, incident: UUID) -> bool:
    """Whether there is such an incident; nobody else changes it until the end of the transaction.

    A statement of its own: what is joined to a row that was waited for would be from before the wait.
    """
    return await tx.fetch_one("SELECT id FROM incidents WHERE id = $1 FOR UPDATE", incident) is not None


async def find(tx: Transaction, incident: UUID) -> Row | None:
    """An incident with its open pause, its type's French name and who changed it last."""
    return await tx.fetch_one(
        """SELECT i.*, i.position[0] AS lon, i.position[1] AS lat, t.content->>'fr' AS what,
               p.id AS pause_id, p.reason AS pause_reason, p.since AS pause_since, p.until AS pause_until,
               u.name AS changed_name
           FROM incidents i JOIN incident_types t ON (t.key, t.version) = (i.type, i.type_version)
           LEFT JOIN incident_pauses p ON p.incident = i.id AND p.ended_at IS NULL
           LEFT JOIN users u ON u.pseudonym = i.changed_by
           WHERE i.id = $1""",
        incident,
    )


async def list_due(tx: Transaction, now: datetime, most: int) -> Sequence[Row]:
    """Incidents one of whose clocks has run out without the room having been told."""
    return await tx.fetch(
        """SELECT i.id, i.number, i.trade, i.commune, i.twin, i.owner, t.content->>'fr' AS what,
               i.respond_limit_s, i.resolve_limit_s,
               (i.respond_due_at <= $1 AND i.respond_told_at IS NULL) IS TRUE AS respond,
               (i.resolve_due_at <= $1 AND i.resolve_told_at IS NULL) IS TRUE AS resolve
           FROM incidents i JOIN incident_types t ON (t.key, t.version) = (i.type, i.type_version)
           WHERE (i.respond_due_at <= $1 AND i.respond_told_at IS NULL)
              OR (i.resolve_due_at <= $1 AND i.resolve_told_at IS NULL)
           ORDER BY i.id LIMIT $2 FOR UPDATE OF i SKIP LOCKED""",
        now,
        most,
    )


async def set_told(tx: Transaction, incident: UUID, clock: str, at: datetime) -> None:
    column = {"respond": "respond_told_at", "resolve": "resolve_told_at"}[clock]
    await tx.execute(f"UPDATE incidents SET {column} = $2 WHERE id = $1", incident, at)  # noqa: S608 (one of two names)


async def list_pauses_over(tx: Transaction, now: datetime, most: int) -> Sequence[Row]:
    """Incidents whose pause was to end by now."""
    return await tx.fetch(
        "SELECT incident FROM incident_pauses WHERE ended_at IS NULL AND until <= $1 ORDER BY until LIMIT $2", now, most
    )


async def insert_pause(tx: Transaction, pause_id: UUID, incident: UUID, pause: Pause) -> None:
    await tx.execute(
        "INSERT INTO incident_pauses (id, incident, reason, since, until) VALUES ($1, $2, $3, $4, $5)",
        pause_id,
        incident,
        pause.reason,
        pause.since,
        pause.until,
    )


async def end_pause(tx: Transaction, incident: UUID, at: datetime) -> None:
    """The open pause ends now, or when it was to end if that was earlier."""
    await tx.execute(
        "UPDATE incident_pauses SET ended_at = least($2, until) WHERE incident = $1 AND ended_at IS NULL", incident, at
    )


async def insert_text(
    tx: Transaction, text_id: UUID, incident: UUID, kind: str, text: str, by: UUID, at: datetime
) -> None:
    await tx.execute(
        "INSERT INTO incident_texts (id, incident, kind, text, by, at) VALUES ($1, $2, $3, $4, $5, $6)",
        text_id,
        incident,
        kind,
        text,
        by,
        at,
    )


def columns_of(course: Course) -> dict[str, Any]:
    """A course as the columns of `incidents`."""
    values: dict[str, Any] = {
        "state": course.state.value,
        "qualified_at": course.qualified_at,
        "started_at": course.started_at,
        "resolved_at": course.resolved_at,
        "closed_at": course.closed_at,
    }
    for name, clock in zip(CLOCKS, (course.respond, course.resolve), strict=True):
        values |= {
            f"{name}_limit_s": clock.limit_s,
            f"{name}_used_us": clock.used_us,
            f"{name}_since": clock.since,
            f"{name}_met_at": clock.met_at,
            f"{name}_due_at": due_at(clock),
        }
    return values
