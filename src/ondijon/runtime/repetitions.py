"""Readings that may be repetitions are told from new ones by the history itself."""

import numpy as np

from ondijon.kernel.arrays import Ints16, Ints32, Ints64
from ondijon.kernel.clock import from_us
from ondijon.kernel.ports import Transaction
from ondijon.kernel.readings import ReadingBatch


async def find_new(tx: Transaction, twin_no: Ints32, property_no: Ints16, batch: ReadingBatch) -> Ints64:
    """Places of the readings that the history does not have, each once; twin_no and property_no are the batch's.

    Two are the same reading when twin, property, instant of observation and value are; archived days are not asked.
    """
    if not len(twin_no):
        return np.zeros(0, np.int64)
    key = np.rec.fromarrays((twin_no, property_no, batch.observed_us, batch.value))
    places: Ints64 = np.sort(np.unique(key, return_index=True)[1])
    known = await tx.fetch(
        """SELECT asked.place - 1 AS place
           FROM unnest($1::integer[], $2::smallint[], $3::timestamptz[], $4::double precision[])
                WITH ORDINALITY AS asked (twin_no, property_no, observed_at, value, place)
           CROSS JOIN LATERAL (
               SELECT FROM readings r
               WHERE r.twin_no = asked.twin_no AND r.property_no = asked.property_no
                 AND r.observed_at = asked.observed_at AND r.value = asked.value LIMIT 1) AS found""",
        twin_no[places].tolist(),
        property_no[places].tolist(),
        [from_us(at_us) for at_us in batch.observed_us[places].tolist()],
        batch.value[places].tolist(),
    )
    return np.delete(places, [row["place"] for row in known])
