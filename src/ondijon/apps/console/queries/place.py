"""What the map and the search are made of; geometry comes as JSON text, ready to be put into GeoJSON."""

from collections.abc import Sequence

from ondijon.kernel.ports import Row, Rows


async def list_communes(rows: Rows) -> Sequence[Row]:
    return await rows.fetch("SELECT insee, name, boundary::text AS boundary FROM communes ORDER BY code")


async def list_streets(rows: Rows) -> Sequence[Row]:
    return await rows.fetch("SELECT street_id, name, street_class, line::text AS line FROM streets ORDER BY street_id")


async def list_street_middles(rows: Rows) -> Sequence[Row]:
    """Where to point at when an arc is meant."""
    return await rows.fetch(
        """SELECT street_id, (line -> (jsonb_array_length(line) / 2) ->> 0)::float8 AS lon,
                  (line -> (jsonb_array_length(line) / 2) ->> 1)::float8 AS lat
           FROM streets ORDER BY street_id"""
    )


async def list_landscape(rows: Rows) -> Sequence[Row]:
    return await rows.fetch(
        """SELECT kind, nullif(shape -> 'polygons', '[]')::text AS polygons,
                  nullif(shape -> 'lines', '[]')::text AS lines
           FROM landscape ORDER BY kind, name"""
    )
