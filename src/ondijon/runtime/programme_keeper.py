"""The programme keeper sees to it that each gateway stores the programme it should, by version."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from ondijon.kernel.city import City
from ondijon.kernel.field import FieldDriver, StoredProgramme
from ondijon.kernel.ports import Row, Rows
from ondijon.kernel.sharing import WHOLE, Share

CHECK_S = 30.0


async def _list_wanted(rows: Rows) -> Sequence[Row]:
    return await rows.fetch("SELECT p.twin_no, p.version, t.type FROM programmes p JOIN twins t USING (twin_no)")


async def _list_contents(rows: Rows, twin_nos: Sequence[int]) -> Sequence[Row]:
    return await rows.fetch(
        "SELECT twin_no, version, content FROM programmes WHERE twin_no = ANY($1) ORDER BY twin_no", list(twin_nos)
    )


async def list_unlike(city: City, rows: Rows, share: Share = WHOLE) -> list[StoredProgramme]:
    """The programmes that a gateway reports not to have, or says nothing of."""
    version_of = {spec.twin_type: spec.version_property for trade in city.manifests for spec in trade.programmes}
    row_of_no = {
        key: dict(zip(city.twins[key].twin_no.tolist(), range(len(city.twins[key])), strict=True)) for key in version_of
    }
    gateway_of: dict[int, str] = {}
    for wanted in await _list_wanted(rows):
        row = row_of_no.get(wanted["type"], {}).get(wanted["twin_no"])
        if row is None:
            continue
        stored = city.columns[wanted["type"]][version_of[wanted["type"]]][row]
        gateway = city.twins[wanted["type"]].records[row].gateway
        if gateway is not None and share.has(gateway) and (np.isnan(stored) or int(stored) != wanted["version"]):
            gateway_of[wanted["twin_no"]] = gateway
    # Contents are large and mostly stored: only those that are missing are read.
    found = await _list_contents(rows, list(gateway_of)) if gateway_of else ()
    return [StoredProgramme(gateway_of[row["twin_no"]], row["version"], row["content"]) for row in found]


async def keep_programmes(
    city: City, rows: Rows, driver: FieldDriver, turned: asyncio.Event, share: Share = WHOLE
) -> None:
    """Send, and send again while it is not reported as stored; the broker keeps it for who is away.

    `turned` says that gateways were given something: they are looked at at once.
    """
    while True:
        turned.clear()
        await driver.store_programmes(await list_unlike(city, rows, share))
        with suppress(TimeoutError):
            async with asyncio.timeout(CHECK_S):
                await turned.wait()
