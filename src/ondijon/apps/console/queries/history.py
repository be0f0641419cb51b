"""One property of one twin over time."""

from collections.abc import Sequence
from datetime import datetime

from ondijon.kernel.ports import Row, Rows


async def list_values(
    rows: Rows, twin_no: int, property_no: int, since: datetime, until: datetime, most: int
) -> Sequence[Row]:
    """The first `most` values as they were reported, by time of observation."""
    return await rows.fetch(
        """SELECT extract(epoch FROM observed_at)::float8 AS t, value AS v FROM readings
           WHERE twin_no = $1 AND property_no = $2 AND observed_at >= $3 AND observed_at < $4
           ORDER BY observed_at LIMIT $5""",
        twin_no,
        property_no,
        since,
        until,
        most,
    )


async def list_extremes(
    rows: Rows, twin_no: int, property_no: int, since: datetime, until: datetime, spans: int
) -> Sequence[Row]:
    """For each of `spans` equal spans of time, its lowest and its highest value as [value, time]."""
    return await rows.fetch(
        """SELECT min(ARRAY[value, t]) AS lowest, max(ARRAY[value, t]) AS highest
           FROM (SELECT value, extract(epoch FROM observed_at)::float8 AS t FROM readings
                 WHERE twin_no = $1 AND property_no = $2 AND observed_at >= $3 AND observed_at < $4
                       AND value <> 'NaN') AS chosen
           GROUP BY width_bucket(t, extract(epoch FROM $3::timestamptz)::float8,
                                 extract(epoch FROM $4::timestamptz)::float8, $5)
           ORDER BY min(t)""",
        twin_no,
        property_no,
        since,
        until,
        spans,
    )
