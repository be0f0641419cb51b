"""What the address index is made of."""

from collections.abc import Sequence

from ondijon.kernel.ports import Row, Rows


async def list_arcs(rows: Rows) -> Sequence[Row]:
    return await rows.fetch("SELECT street_id, name, commune, line FROM streets ORDER BY street_id")


async def list_addresses(rows: Rows) -> Sequence[Row]:
    return await rows.fetch(
        """SELECT street_id, number, position[0] AS lon, position[1] AS lat, street AS name
           FROM addresses ORDER BY street_id, number"""
    )


async def list_places(rows: Rows) -> Sequence[Row]:
    """Communes, and what the map's background names; a place is where its first shape begins."""
    return await rows.fetch(
        """SELECT name, insee AS commune, lon, lat FROM communes
           UNION ALL
           SELECT name, NULL, (at ->> 0)::float8, (at ->> 1)::float8
           FROM (SELECT name, coalesce(shape #> '{polygons,0,0,0}', shape #> '{lines,0,0}') AS at
                 FROM landscape WHERE name <> '') named
           WHERE at IS NOT NULL"""
    )
