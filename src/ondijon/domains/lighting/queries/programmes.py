"""Programmes in the rows: their versions, what is in force, and what a change writes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from ondijon.kernel.ports import Row, Rows, Transaction

_NAMED = """SELECT p.*, drafted.name AS drafted_name, proposed.name AS proposed_name, decided.name AS decided_name,
        over.name AS over_name, changed.name AS changed_name
    FROM lighting_programmes p
    LEFT JOIN users drafted ON drafted.pseudonym = p.drafted_by
    LEFT JOIN users proposed ON proposed.pseudonym = p.proposed_by
    LEFT JOIN users decided ON decided.pseudonym = p.decided_by
    LEFT JOIN users over ON over.pseudonym = p.over_by
    LEFT JOIN users changed ON changed.pseudonym = p.changed_by"""


async def lock_programmes(tx: Transaction) -> None:
    """One change of programmes at a time: what is in force is a matter of all of them together."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtext('ondijon.lighting.programmes'))")


async def find_version(rows: Rows | Transaction, version: UUID) -> Row | None:
    return await rows.fetch_one(f"{_NAMED} WHERE p.id = $1", version)


async def find_open(rows: Rows | Transaction, key: str) -> Row | None:
    return await rows.fetch_one(f"{_NAMED} WHERE p.key = $1 AND p.state IN ('draft', 'proposed')", key)


async def find_published(rows: Rows | Transaction, key: str) -> Row | None:
    return await rows.fetch_one(f"{_NAMED} WHERE p.key = $1 AND p.state = 'published'", key)


async def list_published(rows: Rows | Transaction) -> Sequence[Row]:
    """What is in force."""
    return await rows.fetch(f"{_NAMED} WHERE p.state = 'published' ORDER BY p.key")


async def list_versions(rows: Rows | Transaction, key: str) -> Sequence[Row]:
    """Every version of one programme, newest first."""
    return await rows.fetch(f"{_NAMED} WHERE p.key = $1 ORDER BY p.number DESC", key)


async def list_newest(rows: Rows | Transaction) -> Sequence[Row]:
    """For each programme its open version, the one in force, and the last one whatever its state."""
    return await rows.fetch(
        f"""{_NAMED} WHERE p.state IN ('draft', 'proposed', 'published')
            OR p.number = (SELECT max(number) FROM lighting_programmes WHERE key = p.key) ORDER BY p.key, p.number"""  # noqa: S608 (_NAMED is a literal above)
    )


async def next_number(tx: Transaction, key: str) -> int:
    row = await tx.fetch_one("SELECT coalesce(max(number), 0) + 1 AS n FROM lighting_programmes WHERE key = $1", key)
    return 1 if row is None else int(row["n"])


async def insert(tx: Transaction, values: Mapping[str, Any]) -> None:
    """A new version; the names of `values` are ours, never a person's."""
    names = ", ".join(values)
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    await tx.execute(
        f"INSERT INTO lighting_programmes ({names}) VALUES ({places})",  # noqa: S608 (our own column names)
        *values.values(),
    )


async def save(tx: Transaction, version: UUID, values: Mapping[str, Any]) -> int:
    """Change columns of a version; the names of `values` are ours. Returns its next version of edits."""
    changes = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, 2))
    row = await tx.fetch_one(
        f"UPDATE lighting_programmes SET {changes}, version = version + 1 WHERE id = $1 RETURNING version",  # noqa: S608 (as above)
        version,
        *values.values(),
    )
    assert row is not None
    return int(row["version"])


async def mark(tx: Transaction, versions: Sequence[UUID], column: str, at: object) -> None:
    """Set one of the instants that no person's edit touches; `column` is ours."""
    await tx.execute(f"UPDATE lighting_programmes SET {column} = $2 WHERE id = ANY($1)", list(versions), at)  # noqa: S608 (as above)


async def list_unresolved(tx: Transaction) -> Sequence[Row]:
    """Versions that came into force or went out of it, and that no gateway's programme reflects yet."""
    return await tx.fetch(
        """SELECT * FROM lighting_programmes
           WHERE resolved_at IS NULL AND decided_at IS NOT NULL AND state <> 'rejected'
           ORDER BY key, number"""
    )


async def list_tariffs(rows: Rows | Transaction) -> Sequence[Row]:
    return await rows.fetch("SELECT since_day, eur_per_kwh, source FROM lighting_tariffs ORDER BY since_day DESC")


async def save_tariff(tx: Transaction, since_day: date, eur_per_kwh: float, source: str) -> None:
    await tx.execute(
        """INSERT INTO lighting_tariffs (since_day, eur_per_kwh, source) VALUES ($1, $2, $3)
           ON CONFLICT (since_day) DO UPDATE SET eur_per_kwh = excluded.eur_per_kwh, source = excluded.source
           WHERE (lighting_tariffs.eur_per_kwh, lighting_tariffs.source) <> (excluded.eur_per_kwh, excluded.source)""",
        since_day,
        eur_per_kwh,
        source,
    )
