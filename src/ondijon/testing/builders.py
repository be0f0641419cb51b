"""A small invented city: three communes, each with a cabinet of four lamps (trade lamps) and a pump (trade water)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import numpy as np

from ondijon.kernel.alarms import AlarmSpec, AlarmView, Priority
from ondijon.kernel.arrays import Bools, Ints32
from ondijon.kernel.city import City, CityCard, CommuneCard, StreetCard
from ondijon.kernel.commands import Payload
from ondijon.kernel.identity import EVERY, Actor, Grant, Verb
from ondijon.kernel.inventory import AttributeValue, Commune, Inventory, Landscape, Street, TwinRecord
from ondijon.kernel.manifest import (
    HEALTH,
    AttributeSpec,
    CommandSpec,
    Decision,
    DecisionView,
    Field,
    HoldGroup,
    Manifest,
    PropertySpec,
    TwinTypeSpec,
)
from ondijon.kernel.privacy import DataClass, Privacy
from ondijon.kernel.readings import ReadingBatch
from ondijon.kernel.twins import TwinsOfType

CARD = CityCard("essai", "Essai", "Europe/Paris", (5.04, 47.32), True, {"fr": "Ville d’essai", "en": "Test city"})
COMMUNES = ("21001", "21002", "21003")
LAMPS_A_CABINET = 4
EVERY_VERB: tuple[Verb, ...] = ("see", "command", "approve", "acknowledge", "configure")

_STATE = Privacy(DataClass.OPERATIONAL, "lamps.purpose", 30)
_HEALTH = PropertySpec(HEALTH, "number", "", "status", None, _STATE, live=True)


def _never(view: AlarmView, rows: Ints32) -> Bools:
    return np.zeros(len(rows), np.bool_)


def _no_evidence(view: AlarmView, row: int) -> dict[str, Any]:
    return {}


def _dim(view: DecisionView, rows: Ints32, payload: Payload) -> Decision:
    level = float(payload.get("level_pct") or 0.0)
    return Decision(np.full(len(rows), -1, np.int32), (), {"level_pct": np.full(len(rows), level)})


LAMP = TwinTypeSpec(
    key="Lamp",
    model_name="Streetlight",
    symbol="light",
    map="point",
    properties=(
        PropertySpec("level_pct", "number", "%", "level", "level", _STATE, live=True, chart=True, stale_after_s=60),
        PropertySpec("power_w", "number", "W", "power", "power", _STATE, chart=True),
        PropertySpec("mode", "choice", "", "mode", "mode", _STATE, choices=("programme", "manual"), live=True),
        _HEALTH,
    ),
    attributes=(AttributeSpec("rated_power_w", "number", "W", "powerRating", _STATE),),
    hold_groups=(HoldGroup("level", ("mode", "level_pct"), {"mode": 0.0}, {"mode": 0.0, "level_pct": 1.0}),),
    table_columns=("level_pct",),
    level_property="level_pct",
)
CABINET = TwinTypeSpec(
    key="Cabinet",
    model_name="Cabinet",
    symbol="cabinet",
    map="symbol",
    properties=(PropertySpec("online", "boolean", "", "online", "online", _STATE, live=True),),
)
PUMP = TwinTypeSpec(
    key="Pump",
    model_name="Pump",
    symbol="pump",
    map="symbol",
    properties=(PropertySpec("flow_l_s", "number", "l/s", "flow", "flow", _STATE, live=True),),
)
DIM = CommandSpec(
    "lamps.dim", ("Lamp",), "level", (Field("level_pct", "number", "%", 0, 100, 1, 50),), _dim, shortcut="d"
)
LAMPS = Manifest(
    "lamps", (LAMP, CABINET), (DIM,), (AlarmSpec("lamps.out", "Lamp", Priority.HIGH, 600, _never, _no_evidence),)
)
WATER = Manifest("water", (PUMP,), (), (AlarmSpec("water.dry", "Pump", Priority.URGENT, 60, _never, _no_evidence),))
MANIFESTS = (LAMPS, WATER)


def lamp(commune: int, number: int) -> str:
    """The URN of a lamp, both counted from 0."""
    return f"urn:ngsi-ld:Lamp:{COMMUNES[commune]}:L-{commune}{number}"


def cabinet(commune: int) -> str:
    return f"urn:ngsi-ld:Cabinet:{COMMUNES[commune]}:C-{commune}"


def pump(commune: int) -> str:
    return f"urn:ngsi-ld:Pump:{COMMUNES[commune]}:P-{commune}"


def _twins_of_commune(place: int) -> list[TwinRecord]:
    insee, gateway, street = COMMUNES[place], f"C-{place}", f"ST-{place}"
    lon = 5.0 + place / 10
    records = [
        TwinRecord(cabinet(place), "Cabinet", insee, f"Armoire {place}", (lon, 47.3), street, None, gateway, gateway)
    ]
    for number in range(LAMPS_A_CABINET):
        device = f"L-{place}{number}"
        position = (lon + (number + 1) / 1000, 47.3)
        attributes: dict[str, AttributeValue] = {"rated_power_w": 40.0 + number}
        records.append(
            TwinRecord(
                lamp(place, number), "Lamp", insee, f"Lampe {place}{number}", position, street, cabinet(place),
                gateway, device, attributes,
            )
        )  # fmt: skip
    records.append(TwinRecord(pump(place), "Pump", insee, f"Pompe {place}", (lon, 47.31)))
    return records


def small_inventory() -> Inventory:
    """The city as an importer would deliver it."""
    communes, streets, twins = [], [], []
    for place, insee in enumerate(COMMUNES):
        west = 5.0 + place / 10
        ring = [(west, 47.2), (west + 0.1, 47.2), (west + 0.1, 47.4), (west, 47.4), (west, 47.2)]
        communes.append(Commune(insee, f"Fénay-{place}", 1000, 10.0, (west + 0.05, 47.3), [[ring]]))
        line = [(west, 47.3), (west + 0.05, 47.3), (west + 0.1, 47.3)]
        streets.append(Street(f"ST-{place}", f"Rue de l’Œuvre {place}", insee, "residential", line))
        twins += _twins_of_commune(place)
    water = Landscape("water", "Lac", [[[(5.0, 47.2), (5.01, 47.2), (5.01, 47.21), (5.0, 47.2)]]])
    tram = Landscape("tram", "T1", lines=[[(5.0, 47.3), (5.3, 47.3)]])
    return Inventory("essai", communes, streets, [], [water, tram], twins)


def small_city(manifests: Sequence[Manifest] = MANIFESTS) -> City:
    """The city in memory, without any database."""
    inventory = small_inventory()
    communes = [CommuneCard(one.insee, one.name, one.center) for one in inventory.communes]
    twins, twin_no = {}, 0
    for manifest in manifests:
        for spec in manifest.twin_types:
            records = [record for record in inventory.twins if record.type == spec.key]
            numbers = np.arange(twin_no + 1, twin_no + 1 + len(records), dtype=np.int32)
            twin_no += len(records)
            twins[spec.key] = TwinsOfType(spec.key, records, numbers, COMMUNES)
    streets = [StreetCard(one.street_id, one.name, one.commune) for one in inventory.streets]
    return City(CARD, communes, manifests, twins, {}, streets)


def person(
    username: str,
    communes: tuple[str, ...] = (EVERY,),
    trades: tuple[str, ...] = (EVERY,),
    verbs: tuple[Verb, ...] = EVERY_VERB,
) -> Actor:
    """Somebody with one grant."""
    number = int.from_bytes(username.encode()[:8], "big")
    grant = Grant("operator", communes, trades, verbs)
    return Actor(UUID(int=number), UUID(int=number << 64), username.title(), username, (grant,))


def batch(city: City, twin_type: str, key: str, values: dict[int, float], at_us: int) -> ReadingBatch:
    """Readings of one property, by row, observed and received at the same time."""
    count = len(values)
    index = city.columns[twin_type].property_index[key]
    return ReadingBatch(
        twin_type,
        np.array(list(values), np.int32),
        np.full(count, index, np.int16),
        np.array(list(values.values()), np.float64),
        np.full(count, at_us, np.int64),
        np.full(count, at_us, np.int64),
        np.zeros(count, np.uint8),
    )
