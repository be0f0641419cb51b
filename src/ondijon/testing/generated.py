"""Cities without a database: a generated metropolis as it is, and a small one on a regular grid."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

import ondijon
from ondijon.domains.lighting.manifest import MANIFEST
from ondijon.kernel.city import City, CityCard, CommuneCard, StreetCard
from ondijon.kernel.ids import twin_id
from ondijon.kernel.inventory import TwinRecord
from ondijon.kernel.manifest import Manifest
from ondijon.kernel.twins import TwinsOfType
from ondijon.kernel.wiring import MOST_ON_FEEDER, MOST_ON_UPLINK, UPLINK_BEARING_RAD, group_neighbours
from ondijon.simulator.metropolis import generate_metropolis

CENTER = (5.04, 47.32)
STEP_DEG = 0.003
LIGHTS = 36


def city_of(
    records: Sequence[TwinRecord],
    communes: Sequence[CommuneCard],
    streets: Sequence[StreetCard] = (),
    manifests: Sequence[Manifest] = (MANIFEST,),
) -> City:
    """A city in memory of these objects, numbered in their order."""
    number = {record.id: place for place, record in enumerate(records, 1)}
    codes = [commune.insee for commune in communes]
    twins = {}
    for spec in (spec for manifest in manifests for spec in manifest.twin_types):
        mine = [record for record in records if record.type == spec.key]
        twins[spec.key] = TwinsOfType(spec.key, mine, np.array([number[one.id] for one in mine], np.int32), codes)
    card = CityCard("test", "Test", "Europe/Paris", communes[0].center, True, {})
    return City(card, communes, manifests, twins, {}, streets)


def generate_city(key: str) -> City:
    """The whole generated metropolis (some seconds)."""
    inventory = generate_metropolis(Path(ondijon.__file__).parent / "cities" / key)
    communes = [CommuneCard(one.insee, one.name, one.center) for one in inventory.communes]
    streets = [StreetCard(one.street_id, one.name, one.commune) for one in inventory.streets]
    return city_of(inventory.twins, communes, streets)


def grid_city(rows: int = 16, columns: int = 16) -> City:
    """Cabinets on a regular grid, 36 lights each: three circuits of twelve, three phases of twelve."""
    places = np.array([(column, row) for row in range(rows) for column in range(columns)], np.float64)
    feeders = group_neighbours(places, MOST_ON_FEEDER)
    uplinks = group_neighbours(places, MOST_ON_UPLINK, UPLINK_BEARING_RAD)
    communes = [CommuneCard("21231", "Ouest", CENTER), CommuneCard("21171", "Est", CENTER)]
    records: list[TwinRecord] = []
    for number, (x, y) in enumerate(places.tolist()):
        insee = communes[int(x) * 2 // columns].insee
        local = f"CAB-{number + 1:04d}"
        lon, lat = CENTER[0] + x * STEP_DEG, CENTER[1] + y * STEP_DEG
        cabinet = TwinRecord(
            twin_id("StreetlightControlCabinet", insee, local),
            "StreetlightControlCabinet",
            insee,
            local,
            (lon, lat),
            gateway=local,
            device=local,
            attributes={"grid_feeder": f"HTA-{feeders[number]:02d}", "uplink": f"UP-{uplinks[number]:02d}"},
        )
        records += [cabinet, *(_light(cabinet, number * LIGHTS + light, light) for light in range(LIGHTS))]
    return city_of(records, communes)


def _light(cabinet: TwinRecord, number: int, place: int) -> TwinRecord:
    local = f"SL-{number + 1:06d}"
    lon, lat = cabinet.position
    return TwinRecord(
        twin_id("Streetlight", cabinet.commune, local),
        "Streetlight",
        cabinet.commune,
        f"{cabinet.name} · {place + 1}",
        (lon + (place % 6) * STEP_DEG / 8, lat + (place // 6) * STEP_DEG / 8),
        part_of=cabinet.id,
        gateway=cabinet.device,
        device=local,
        attributes={"rated_power_w": 60.0, "circuit": place // 12 + 1, "phase": f"L{place % 3 + 1}"},
    )
