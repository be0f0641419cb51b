"""The programme keeper sees to it that each gateway stores the programme it should, by version."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from ondijon.kernel.city import City
from ondijon.kernel.field import FieldDriver, StoredProgramme
from ondijon.kernel.ports import Row, Rows

CHECK_S = 30.0


async def want_programme(rows: Rows, twin_type: str, version: int, content: dict[str, Any], at: datetime) -> None:
    """Make this the wanted programme of every twin of the type that has none yet."""
    await rows.execute(
        """INSERT INTO programmes (twin_no, version, content, wanted_since)
           SELECT twin_no, $2, $3, $4 FROM twins WHERE type = $1 AND gateway IS NOT NULL AND retired_at IS NULL
           ON CONFLICT (twin_no) DO NOTHING""",
        twin_type,
        version,
        content,
        at,
    )


async def _list_wanted(rows: Rows) -> Sequence[Row]:
    return await rows.fetch(
        "SELECT p.twin_no, p.version, p.content, t.type FROM programmes p JOIN twins t USING (twin_no)"
    )


async def list_unlike(city: City, rows: Rows) -> list[StoredProgramme]:
    """The programmes that a gateway reports not to have, or says nothing of."""
    version_of = {spec.twin_type: spec.version_property for trade in city.manifests for spec in trade.programmes}
    row_of_no = {
        key: dict(zip(city.twins[key].twin_no.tolist(), range(len(city.twins[key])), strict=True)) for key in version_of
    }
    unlike = []
    for wanted in await _list_wanted(rows):
        row = row_of_no.get(wanted["type"], {}).get(wanted["twin_no"])
        if row is None:
            continue
        twins = city.twins[wanted["type"]]
        stored = city.columns[wanted["type"]][version_of[wanted["type"]]][row]
        gateway = twins.records[row].gateway
        if gateway is not None and (np.isnan(stored) or int(stored) != wanted["version"]):
            unlike.append(StoredProgramme(gateway, wanted["version"], wanted["content"]))
    return unlike


async def keep_programmes(city: City, rows: Rows, driver: FieldDriver) -> None:
    """Send, and send again while it is not reported as stored; the broker keeps it for who is away."""
    while True:
        await driver.store_programmes(await list_unlike(city, rows))
        await asyncio.sleep(CHECK_S)
