"""The SQL of luminaire families and of what failed, one query a function."""

from collections.abc import Sequence
from typing import Any

from ondijon.kernel.ports import Row, Rows, Transaction


async def save_models(tx: Transaction, content: dict[str, Any]) -> None:
    await tx.execute(
        """INSERT INTO lighting_models AS kept (content) VALUES ($1)
           ON CONFLICT (single) DO UPDATE SET content = excluded.content
           WHERE kept.content IS DISTINCT FROM excluded.content""",
        content,
    )


async def find_models(rows: Rows) -> Row | None:
    return await rows.fetch_one("SELECT content FROM lighting_models")


async def list_failed(rows: Rows, communes: Sequence[str], most: int) -> Sequence[Row]:
    """Lamps that are out now in these communes, longest first."""
    return await rows.fetch(
        """SELECT a.twin_no, a.raised_at, a.card_id FROM alarms a
           WHERE a.type = 'lighting.lamp_out' AND a.state <> 'normal' AND a.commune = ANY($1::text[])
           ORDER BY a.raised_at LIMIT $2""",
        list(communes),
        most,
    )
