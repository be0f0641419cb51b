"""The SQL of calls, one query a function."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ondijon.control_room.calls.model import Caller, Course, PlaceOfCall, State, Try
from ondijon.kernel.ports import Row, Transaction


async def lock(tx: Transaction, call: UUID) -> bool:
    """Whether there is such a call; nobody else changes it until the end of the transaction."""
    return await tx.fetch_one("SELECT id FROM calls WHERE id = $1 FOR UPDATE", call) is not None


async def find(tx: Transaction, call: UUID) -> Row | None:
    """A call, who changed it last, and whether its caller can still be reached."""
    return await tx.fetch_one(
        """SELECT c.*, u.name AS changed_name, p.number IS NOT NULL AS reachable
           FROM calls c LEFT JOIN users u ON u.pseudonym = c.changed_by LEFT JOIN callers p ON p.call = c.id
           WHERE c.id = $1""",
        call,
    )


async def lock_cti(tx: Transaction, cti: str) -> Row | None:
    """The call that the telephone system names so; its name is locked even when there is no such call yet."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtext('calls.cti'), hashtext($1))", cti)
    return await tx.fetch_one("SELECT id FROM calls WHERE cti = $1", cti)


async def count_ringing(tx: Transaction) -> int:
    row = await tx.fetch_one("SELECT count(*) AS count FROM calls WHERE state = 'ringing'")
    return 0 if row is None else int(row["count"])


async def insert(
    tx: Transaction, call: UUID, channel: str, cti: str | None, state: State, course: Course, by: UUID
) -> int:
    """A new call; returns the number that people call it by."""
    row = await tx.fetch_one(
        """INSERT INTO calls (id, channel, cti, state, rang_at, answered_at, hung_up_at, changed_by)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING call_no""",
        call,
        channel,
        cti,
        state.value,
        course.rang_at,
        course.answered_at,
        course.hung_up_at,
        by,
    )
    assert row is not None
    return int(row["call_no"])


async def save(tx: Transaction, call: UUID, values: Mapping[str, Any]) -> int:
    """Change columns of a locked call; the names of `values` are ours. Returns the next version."""
    changes = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, 2))
    row = await tx.fetch_one(
        f"UPDATE calls SET {changes}, version = version + 1 WHERE id = $1 RETURNING version",  # noqa: S608 (our own column names)
        call,
        *values.values(),
    )
    assert row is not None
    return int(row["version"])


async def set_place(tx: Transaction, call: UUID, place: PlaceOfCall | None) -> None:
    if place is None:
        await tx.execute(
            """UPDATE calls SET commune = NULL, street = NULL, address = NULL, twin = NULL, position = NULL
               WHERE id = $1""",
            call,
        )
        return
    await tx.execute(
        """UPDATE calls SET commune = $2, street = $3, address = $4, twin = $5, position = point($6, $7)
           WHERE id = $1""",
        call,
        place.commune,
        place.street,
        place.address,
        place.twin,
        place.lon,
        place.lat,
    )


async def save_caller(tx: Transaction, call: UUID, caller: Caller, now: datetime) -> None:
    """Keep who calls; its age counts from when it was first known."""
    await tx.execute(
        """INSERT INTO callers (call, number, name, entered_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (call) DO UPDATE SET number = EXCLUDED.number, name = EXCLUDED.name""",
        call,
        caller.number,
        caller.name,
        now,
    )


async def add_number(tx: Transaction, call: UUID, number: str, now: datetime) -> None:
    """Keep the number that the telephone system shows, unless one is known."""
    await tx.execute(
        """INSERT INTO callers (call, number, entered_at) VALUES ($1, $2, $3)
           ON CONFLICT (call) DO UPDATE SET number = coalesce(callers.number, EXCLUDED.number)""",
        call,
        number,
        now,
    )


async def forget_caller(tx: Transaction, call: UUID) -> None:
    await tx.execute("DELETE FROM callers WHERE call = $1", call)


async def save_words(tx: Transaction, call: UUID, text: str, answers: Mapping[str, str], now: datetime) -> None:
    await tx.execute(
        """INSERT INTO call_words (call, text, answers, entered_at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (call) DO UPDATE SET text = EXCLUDED.text, answers = EXCLUDED.answers""",
        call,
        text,
        dict(answers),
        now,
    )


async def save_promise(tx: Transaction, call: UUID, text: str, now: datetime) -> None:
    await tx.execute(
        """INSERT INTO call_words (call, promise, entered_at) VALUES ($1, $2, $3)
           ON CONFLICT (call) DO UPDATE SET promise = EXCLUDED.promise""",
        call,
        text,
        now,
    )


async def insert_try(tx: Transaction, one: Try, by: UUID, now: datetime) -> None:
    await tx.execute(
        "INSERT INTO call_backs (id, call, at, by, outcome, text) VALUES ($1, $2, $3, $4, $5, $6)",
        one.id,
        one.call,
        now,
        by,
        one.outcome,
        one.text or None,
    )


async def find_agent(tx: Transaction, username: str) -> Row | None:
    return await tx.fetch_one("SELECT pseudonym FROM users WHERE username = $1 AND disabled_at IS NULL", username)


async def list_communes_near(tx: Transaction, lon: float, lat: float) -> Sequence[Row]:
    """Every commune with its boundary, the nearest centre first."""
    return await tx.fetch(
        "SELECT insee, boundary FROM communes ORDER BY point(lon, lat) <-> point($1, $2) LIMIT 8", lon, lat
    )


async def list_of_incident(tx: Transaction, incident: UUID) -> Sequence[Row]:
    """The calls about an incident, locked, in the order of their numbers."""
    return await tx.fetch("SELECT id FROM calls WHERE incident = $1 ORDER BY call_no FOR UPDATE", incident)


async def list_broken(tx: Transaction, now: datetime, most: int) -> Sequence[Row]:
    """Calls whose promise ran out without being kept or told."""
    return await tx.fetch(
        """SELECT id FROM calls WHERE promise_kept IS NULL AND promise_at <= $1
           ORDER BY promise_at LIMIT $2 FOR UPDATE SKIP LOCKED""",
        now,
        most,
    )


async def list_lost(tx: Transaction, before: datetime, most: int) -> Sequence[Row]:
    """Calls that have been ringing since before then."""
    return await tx.fetch(
        """SELECT id FROM calls WHERE state = 'ringing' AND rang_at <= $1
           ORDER BY rang_at LIMIT $2 FOR UPDATE SKIP LOCKED""",
        before,
        most,
    )


async def list_unreachable(tx: Transaction, most: int) -> Sequence[Row]:
    """Calls to call back whose number has been erased."""
    return await tx.fetch(
        """SELECT c.id FROM calls c LEFT JOIN callers p ON p.call = c.id
           WHERE c.call_back = 'wanted' AND p.number IS NULL
           ORDER BY c.call_back_since LIMIT $1 FOR UPDATE OF c SKIP LOCKED""",
        most,
    )
