"""A throwaway city of lights and their cabinets, built from kernel types, for tests and measurements."""

from datetime import datetime

import numpy as np

from ondijon.kernel.city import City, CityCard, CommuneCard
from ondijon.kernel.clock import from_us
from ondijon.kernel.inventory import TwinRecord
from ondijon.kernel.manifest import Manifest, PropertySpec, TwinTypeSpec, ValueKind
from ondijon.kernel.privacy import DataClass, Privacy
from ondijon.kernel.twins import TwinsOfType

COMMUNE = "21231"
NOW_US = 1_792_965_600_000_000
NOW_S = NOW_US / 1e6
_PRIVACY = Privacy(DataClass.OPERATIONAL, "purpose.operation", 400)


class SetClock:
    """A clock that a test sets."""

    def __init__(self, now_us: int = NOW_US) -> None:
        self.us = now_us

    def now(self) -> datetime:
        return from_us(self.us)

    def now_us(self) -> int:
        return self.us


def _property(
    key: str, wire_name: str | None, kind: ValueKind = "number", scale: float = 1.0, choices: tuple[str, ...] = ()
) -> PropertySpec:
    return PropertySpec(key, kind, "", key, wire_name, _PRIVACY, wire_scale=scale, choices=choices)


LAMP = TwinTypeSpec(
    key="lamp",
    model_name="Lamp",
    symbol="lamp",
    map="point",
    properties=(
        _property("health", None),
        _property("level_pct", "level", scale=100.0),
        _property("power_w", "power"),
        _property("energy_kwh", "energy", scale=1 / 3.6e6),
        _property("control", "control", "choice", choices=("programme", "manual")),
    ),
)
BOX = TwinTypeSpec(
    key="box",
    model_name="Box",
    symbol="box",
    map="symbol",
    properties=(
        _property("online", "online", "boolean"),
        _property("supply", "supply", "boolean"),
        _property("power_w", "power"),
        _property("programme_version", "programme_version"),
    ),
)


def lamp(number: int) -> str:
    """The device name of a lamp."""
    return f"SL-{number:06d}"


def box(number: int) -> str:
    """The gateway and device name of a cabinet."""
    return f"GW-{number:04d}"


def make_city(boxes: int = 2, lamps_each: int = 3) -> City:
    """`boxes` cabinets, each the gateway of `lamps_each` lamps."""
    box_records = [_record("Box", "box", box(each), box(each)) for each in range(boxes)]
    lamp_records = [
        _record("Lamp", "lamp", lamp(each * lamps_each + one), box(each))
        for each in range(boxes)
        for one in range(lamps_each)
    ]
    twins = {
        key: TwinsOfType(key, records, np.arange(len(records), dtype=np.int32), [COMMUNE])
        for key, records in (("lamp", lamp_records), ("box", box_records))
    }
    card = CityCard("throwaway", "Throwaway", "Europe/Paris", (5.04, 47.32), True, {})
    commune = CommuneCard(COMMUNE, "Dijon", (5.04, 47.32))
    return City(card, [commune], [Manifest("throwaway", (LAMP, BOX))], twins, {})


def _record(model: str, twin_type: str, device: str, gateway: str) -> TwinRecord:
    urn = f"urn:ngsi-ld:{model}:{COMMUNE}:{device}"
    return TwinRecord(urn, twin_type, COMMUNE, device, (5.04, 47.32), gateway=gateway, device=device)
