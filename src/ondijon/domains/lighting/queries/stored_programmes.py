"""What gateways are to store, what they say they do, and what each light follows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ondijon.kernel.ports import Row, Rows, Transaction


async def list_wanted(rows: Rows | Transaction, cabinets: Sequence[int]) -> Sequence[Row]:
    """What these cabinets are to store now."""
    return await rows.fetch(
        "SELECT twin_no, version, content, wanted_since FROM programmes WHERE twin_no = ANY($1)", list(cabinets)
    )


async def list_wanted_versions(rows: Rows | Transaction) -> Sequence[Row]:
    return await rows.fetch("SELECT twin_no, version, wanted_since FROM programmes")


async def want(tx: Transaction, cabinets: Sequence[int], contents: Sequence[dict[str, Any]], at: datetime) -> None:
    """Give cabinets a new content, each with its next version."""
    await tx.execute(
        """INSERT INTO programmes (twin_no, version, content, wanted_since)
           SELECT cabinet, 1, content, $3 FROM unnest($1::integer[], $2::jsonb[]) AS given (cabinet, content)
           ON CONFLICT (twin_no) DO UPDATE SET version = programmes.version + 1, content = excluded.content,
               wanted_since = excluded.wanted_since""",
        list(cabinets),
        list(contents),
        at,
    )


async def note_concerned(tx: Transaction, programme: UUID, cabinets: Sequence[int]) -> None:
    """These cabinets show this publication once they have what they are to store now."""
    await tx.execute(
        """INSERT INTO lighting_programme_gateways (programme, twin_no, version)
           SELECT $1, twin_no, version FROM programmes WHERE twin_no = ANY($2)
           ON CONFLICT (programme, twin_no) DO NOTHING""",
        programme,
        list(cabinets),
    )


async def list_concerned(rows: Rows | Transaction, programmes: Sequence[UUID]) -> Sequence[Row]:
    return await rows.fetch(
        """SELECT c.programme, c.twin_no, c.version, p.wanted_since
           FROM lighting_programme_gateways c LEFT JOIN programmes p USING (twin_no) WHERE c.programme = ANY($1)""",
        list(programmes),
    )


async def list_awaited(tx: Transaction) -> Sequence[Row]:
    """Publications in force that were given to gateways and that not all of them were seen to have."""
    return await tx.fetch(
        """SELECT * FROM lighting_programmes
           WHERE state = 'published' AND resolved_at IS NOT NULL AND stored_at IS NULL ORDER BY key"""
    )


async def find_snapshot(rows: Rows | Transaction, property_no: int) -> Row | None:
    """The last values of one property, as arrays of little-endian bytes; at most seconds old."""
    return await rows.fetch_one(
        """SELECT string_agg(twin_no, '' ORDER BY share) AS twin_no, string_agg(value, '' ORDER BY share) AS value
           FROM column_snapshots WHERE property_no = $1 HAVING count(*) > 0""",
        property_no,
    )


async def save_followed(tx: Transaction, lights: Sequence[int], keys: Sequence[str], numbers: Sequence[int]) -> None:
    """Which programme gives each light its night; writes what differs."""
    await tx.execute(
        """INSERT INTO lighting_light_programmes AS known (twin_no, programme, version)
           SELECT * FROM unnest($1::integer[], $2::text[], $3::bigint[])
           ON CONFLICT (twin_no) DO UPDATE SET programme = excluded.programme, version = excluded.version
           WHERE (known.programme, known.version) <> (excluded.programme, excluded.version)""",
        list(lights),
        list(keys),
        list(numbers),
    )


async def list_holds(rows: Rows | Transaction, twin_no: int) -> Sequence[Row]:
    """Who holds a light, by which order, until when."""
    return await rows.fetch(
        """SELECT h.hold_group, h.wanted, h.since, h.until, c.issuer_name,
                  NOT EXISTS (SELECT FROM users u WHERE u.pseudonym = c.issuer) AS by_rule
           FROM holds h JOIN commands c ON c.id = h.command_id WHERE h.twin_no = $1 ORDER BY h.since""",
        twin_no,
    )


async def list_alarms(rows: Rows | Transaction, twin_nos: Sequence[int]) -> Sequence[Row]:
    """Alarms that stand on these twins."""
    return await rows.fetch(
        """SELECT type, twin_no, raised_at FROM alarms
           WHERE twin_no = ANY($1) AND state LIKE 'active%' ORDER BY raised_at""",
        list(twin_nos),
    )
