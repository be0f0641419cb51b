"""Traffic counters of a demonstration: invented, on the lit streets of communes where adaptive light is on."""

import tomllib

from ondijon.cli.places import city_folder
from ondijon.kernel.clock import Clock
from ondijon.kernel.ids import twin_id
from ondijon.kernel.inventory import TwinRecord
from ondijon.kernel.ports import Row, Rows
from ondijon.runtime.city_store import add_twins

TYPE = "TrafficFlowObserved"
MOST = 400
FILE = "commune_lighting.toml"


async def add_counters(rows: Rows, city: str, clock: Clock) -> None:
    """One counter on each lit street of the city's adaptive communes, on the streets with most lights; once."""
    if await rows.fetch_one("SELECT 1 FROM twins WHERE type = $1 LIMIT 1", TYPE):
        return
    folder = city_folder(city)
    path = folder / FILE if (folder / FILE).exists() else folder.parent / FILE
    communes = tomllib.loads(path.read_text("utf-8")).get("adaptive", [])
    if communes:
        await add_twins(
            rows, clock, [_counter(number, row) for number, row in enumerate(await _list_lit(rows, communes), 1)]
        )


async def _list_lit(rows: Rows, communes: list[str]) -> list[Row]:
    """The lit streets of these communes: the place of one of their lights, the arc it stands on, traffic."""
    found = await rows.fetch(
        """SELECT DISTINCT ON (s.commune, s.name) s.commune, s.name, s.street_id, s.street_class,
                  max(s.vehicles_per_day) OVER (PARTITION BY s.commune, s.name) AS vehicles_per_day,
                  count(*) OVER (PARTITION BY s.commune, s.name) AS lights, t.position[0] AS lon, t.position[1] AS lat
           FROM twins t JOIN streets s USING (street_id)
           WHERE t.type = 'Streetlight' AND t.retired_at IS NULL AND s.commune = ANY($1::text[])
           ORDER BY s.commune, s.name, t.twin_no""",
        communes,
    )
    return sorted(found, key=lambda row: (-row["lights"], row["commune"], row["name"]))[:MOST]


def _counter(number: int, row: Row) -> TwinRecord:
    local = f"CNT-{number:04d}"
    attributes = {"street": row["name"], "street_class": row["street_class"], "synthetic": True}
    counted = {} if row["vehicles_per_day"] is None else {"vehicles_per_day": float(row["vehicles_per_day"])}
    urn = twin_id(TYPE, row["commune"], local)
    place = (row["lon"], row["lat"])
    return TwinRecord(
        urn, TYPE, row["commune"], row["name"], place, row["street_id"], None, local, local, attributes | counted
    )
