"""The SQL of work orders, one query a function."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from ondijon.kernel.ports import Row, Rows, Transaction

Reading = Rows | Transaction


async def next_number(tx: Transaction) -> int:
    """The next number; it is used up only when the transaction commits."""
    row = await tx.fetch_one(
        """INSERT INTO lighting_work_order_numbers (last) VALUES (1)
           ON CONFLICT (single) DO UPDATE SET last = lighting_work_order_numbers.last + 1 RETURNING last"""
    )
    assert row is not None
    return int(row["last"])


async def insert_order(tx: Transaction, values: Mapping[str, Any]) -> None:
    """A new order; the names of `values` are ours, never a person's."""
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    await tx.execute(
        f"INSERT INTO lighting_work_orders ({', '.join(values)}) VALUES ({places})",  # noqa: S608 (our own column names)
        *values.values(),
    )


async def lock_order(tx: Transaction, order: UUID) -> Row | None:
    """The order, with who changed it last; nobody else changes it until the end of the transaction."""
    return await tx.fetch_one(
        """SELECT o.*, t.urn, u.name AS changed_by_name FROM lighting_work_orders o
               JOIN twins t ON t.twin_no = o.twin_no LEFT JOIN users u ON u.pseudonym = o.changed_by
           WHERE o.id = $1 FOR UPDATE OF o""",
        order,
    )


async def save_order(tx: Transaction, order: UUID, values: Mapping[str, Any]) -> int:
    """Change columns of a locked order; the names of `values` are ours. Returns the next version."""
    changes = ", ".join(f"{name} = ${number}" for number, name in enumerate(values, 2))
    row = await tx.fetch_one(
        f"""UPDATE lighting_work_orders SET {changes}, version = version + 1
            WHERE id = $1 RETURNING version""",  # noqa: S608 (our own column names)
        order,
        *values.values(),
    )
    assert row is not None
    return int(row["version"])


async def replace_parts(tx: Transaction, order: UUID, parts: Sequence[tuple[str, int]]) -> None:
    """What was used, as last said."""
    await tx.execute("DELETE FROM lighting_work_order_parts WHERE work_order = $1", order)
    await tx.copy_rows(
        "lighting_work_order_parts",
        ("work_order", "place", "part", "quantity"),
        [(order, place, part, quantity) for place, (part, quantity) in enumerate(parts)],
    )


async def is_contact(tx: Transaction, contact: UUID) -> bool:
    """Whether the directory knows somebody who may be sent."""
    row = await tx.fetch_one("SELECT id FROM contacts WHERE id = $1 AND retired_at IS NULL", contact)
    return row is not None


async def has_card(tx: Transaction, card: UUID, twin_no: int) -> bool:
    """Whether this alarm card is about the object, itself or as one of many."""
    row = await tx.fetch_one(
        """SELECT id FROM alarm_cards WHERE id = $1 AND (twin_no = $2
               OR EXISTS (SELECT FROM alarms a WHERE a.card_id = $1 AND a.twin_no = $2))""",
        card,
        twin_no,
    )
    return row is not None


async def count_photos(tx: Transaction, order: UUID) -> int:
    row = await tx.fetch_one("SELECT count(*) AS n FROM lighting_work_order_photos WHERE work_order = $1", order)
    return 0 if row is None else int(row["n"])


async def insert_photo(tx: Transaction, values: Sequence[object]) -> None:
    """id, work order, name, media type, SHA-256, content, at, by."""
    await tx.execute(
        """INSERT INTO lighting_work_order_photos (id, work_order, name, media_type, sha256, content, at, by)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        *values,
    )


async def find_photo(reading: Reading, order: UUID, photo: UUID) -> Row | None:
    return await reading.fetch_one(
        """SELECT name, media_type, content, sha256 FROM lighting_work_order_photos
           WHERE work_order = $1 AND id = $2""",
        order,
        photo,
    )


async def list_orders(reading: Reading, communes: Sequence[str], states: Sequence[str], most: int) -> Sequence[Row]:
    """Orders of these communes in these states, what is due first, with names, parts and photos."""
    return await reading.fetch(
        """SELECT o.*, t.urn, t.type, t.name AS twin_name, t.position[0] AS lon, t.position[1] AS lat,
                  c.name AS assigned_name, u.name AS opened_by_name,
                  (SELECT coalesce(jsonb_agg(jsonb_build_object('part', p.part, 'quantity', p.quantity)
                                             ORDER BY p.place), '[]')
                   FROM lighting_work_order_parts p WHERE p.work_order = o.id) AS parts,
                  (SELECT coalesce(array_agg(f.id ORDER BY f.at), '{}')
                   FROM lighting_work_order_photos f WHERE f.work_order = o.id) AS photos
           FROM lighting_work_orders o JOIN twins t ON t.twin_no = o.twin_no
               LEFT JOIN contacts c ON c.id = o.assigned_to LEFT JOIN users u ON u.pseudonym = o.opened_by
           WHERE o.commune = ANY($1::text[]) AND o.state = ANY($2::text[])
           ORDER BY o.due_day NULLS LAST, o.number DESC LIMIT $3""",
        list(communes),
        list(states),
        most,
    )


async def find_order(reading: Reading, order: UUID) -> Row | None:
    """Where an order is, for rights."""
    return await reading.fetch_one("SELECT id, commune, state FROM lighting_work_orders WHERE id = $1", order)
