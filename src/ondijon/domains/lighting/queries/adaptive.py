"""The SQL of adaptive light, one query a function."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ondijon.kernel.ports import Row, Rows, Transaction

Reading = Rows | Transaction


async def list_switches(reading: Reading) -> Sequence[Row]:
    """What was decided of adaptive light in each commune, and by whom."""
    return await reading.fetch(
        """SELECT a.commune, a.is_on, a.reason, a.seeded, a.set_at, u.name AS set_by
           FROM lighting_adaptive_communes a LEFT JOIN users u ON u.pseudonym = a.set_by"""
    )


async def switch(tx: Transaction, commune: str, is_on: bool, reason: str, seeded: bool, by: UUID, at: datetime) -> None:
    await tx.execute(
        """INSERT INTO lighting_adaptive_communes (commune, is_on, reason, seeded, set_by, set_at)
           VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (commune) DO UPDATE SET is_on = excluded.is_on, reason = excluded.reason,
               seeded = excluded.seeded, set_by = excluded.set_by, set_at = excluded.set_at""",
        commune,
        is_on,
        reason,
        seeded,
        by,
        at,
    )


async def list_adaptive_lights(rows: Rows) -> Sequence[Row]:
    """The lights of communes where adaptive light is on, with class, floor, and name of the street."""
    return await rows.fetch(
        """SELECT t.twin_no, t.commune, s.name AS street, c.class, c.street_class, c.floor_pct
           FROM twins t
           JOIN lighting_light_classes c USING (twin_no)
           JOIN lighting_adaptive_communes a ON a.commune = t.commune AND a.is_on
           JOIN streets s USING (street_id)
           WHERE t.retired_at IS NULL AND t.gateway IS NOT NULL
           ORDER BY t.twin_no"""
    )


async def find_version(rows: Rows) -> str:
    """Changes when classes, floors or switches do."""
    row = await rows.fetch_one(
        """SELECT concat_ws('/', (SELECT made_from FROM lighting_classified),
                  (SELECT string_agg(commune, ',' ORDER BY commune) FROM lighting_adaptive_communes WHERE is_on))
                  AS version"""
    )
    assert row is not None
    return str(row["version"])
