"""The SQL of lighting classes and floors, one query a function."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ondijon.kernel.ports import Row, Rows, Transaction

Reading = Rows | Transaction


async def list_lights(reading: Reading) -> Sequence[Row]:
    """Every light with its place, its street's name and the class that its inventory says."""
    return await reading.fetch(
        """SELECT t.twin_no, t.commune, t.position[0] AS lon, t.position[1] AS lat, s.name AS street,
                  t.attributes ->> 'lighting_class' AS surveyed
           FROM twins t LEFT JOIN streets s USING (street_id)
           WHERE t.type = 'Streetlight' AND t.retired_at IS NULL ORDER BY t.twin_no"""
    )


async def list_arcs(reading: Reading) -> Sequence[Row]:
    """Every kind of arc of each street, with the most traffic that was counted on it."""
    return await reading.fetch(
        """SELECT commune, name AS street, street_class, max(vehicles_per_day) AS vehicles_per_day
           FROM streets GROUP BY commune, name, street_class"""
    )


async def list_crossings(reading: Reading) -> Sequence[Row]:
    return await reading.fetch("SELECT position[0] AS lon, position[1] AS lat FROM crossings")


async def list_said(reading: Reading) -> Sequence[Row]:
    """What people said of streets, with who said it."""
    return await reading.fetch(
        """SELECT c.commune, c.street, c.class, c.reason, c.set_at, u.name AS set_by
           FROM lighting_street_classes c LEFT JOIN users u ON u.pseudonym = c.set_by"""
    )


async def is_street(tx: Transaction, commune: str, street: str) -> bool:
    """Whether the commune has a street of that name."""
    return (
        await tx.fetch_one("SELECT 1 FROM streets WHERE commune = $1 AND name = $2 LIMIT 1", commune, street)
    ) is not None


async def say_class(
    tx: Transaction, commune: str, street: str, lighting_class: str, reason: str, by: UUID, at: datetime
) -> None:
    await tx.execute(
        """INSERT INTO lighting_street_classes (commune, street, class, reason, set_by, set_at)
           VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (commune, street) DO UPDATE SET class = excluded.class, reason = excluded.reason,
               set_by = excluded.set_by, set_at = excluded.set_at""",
        commune,
        street,
        lighting_class,
        reason,
        by,
        at,
    )


async def unsay_class(tx: Transaction, commune: str, street: str) -> None:
    await tx.execute("DELETE FROM lighting_street_classes WHERE commune = $1 AND street = $2", commune, street)


async def find_made_from(reading: Reading) -> str | None:
    """What the classes were last made from."""
    row = await reading.fetch_one("SELECT made_from FROM lighting_classified")
    return None if row is None else str(row["made_from"])


async def find_source(reading: Reading) -> str:
    """What classes made now would be made from: the import, what people said, and the floors."""
    row = await reading.fetch_one(
        """SELECT concat_ws('/', (SELECT version FROM city), (SELECT max(set_at) FROM lighting_street_classes),
                  (SELECT count(*) FROM lighting_street_classes),
                  (SELECT md5(string_agg(class || kept, ',' ORDER BY class)) FROM lighting_floors),
                  (SELECT md5(string_agg(concat_ws(' ', commune, class, crossings_only, least_pct), ','
                              ORDER BY commune, class, crossings_only, least_pct)) FROM lighting_commune_floors))
                  AS source"""
    )
    assert row is not None
    return str(row["source"])


async def replace_classes(
    tx: Transaction, rows: Sequence[tuple[int, str, str, bool, bool, float]], made_from: str, at: datetime
) -> None:
    """All classes anew: twin_no, class, street_class, class_inferred, on_crossing, floor_pct."""
    await tx.execute("DELETE FROM lighting_light_classes")
    columns = ("twin_no", "class", "street_class", "class_inferred", "on_crossing", "floor_pct")
    await tx.copy_rows("lighting_light_classes", columns, rows)
    await tx.execute("DELETE FROM lighting_classified")
    await tx.execute("INSERT INTO lighting_classified (made_from, at) VALUES ($1, $2)", made_from, at)


async def list_floors(reading: Reading) -> Sequence[Row]:
    return await reading.fetch("SELECT class, kept, source FROM lighting_floors")


async def list_commune_floors(reading: Reading) -> Sequence[Row]:
    return await reading.fetch(
        """SELECT commune, class, crossings_only, least_pct, source FROM lighting_commune_floors
           ORDER BY commune, class, crossings_only"""
    )


async def replace_floors(tx: Transaction, rows: Sequence[tuple[str, str, str]]) -> None:
    """class, kept, source."""
    await tx.execute("DELETE FROM lighting_floors")
    await tx.copy_rows("lighting_floors", ("class", "kept", "source"), rows)


async def replace_commune_floors(tx: Transaction, rows: Sequence[tuple[str, str | None, bool, float, str]]) -> None:
    """commune, class, crossings_only, least_pct, source."""
    await tx.execute("DELETE FROM lighting_commune_floors")
    columns = ("commune", "class", "crossings_only", "least_pct", "source")
    await tx.copy_rows("lighting_commune_floors", columns, rows)
