"""A town of two communes and three gateways with three lights each, and the people who watch over it."""

from collections.abc import Sequence
from uuid import UUID

import numpy as np
from msgspec.structs import replace

from ondijon.domains.lighting.alarms.lamps import LAMP_ALARMS
from ondijon.domains.lighting.manifest import MANIFEST
from ondijon.domains.lighting.model import CABINET, STREETLIGHT
from ondijon.kernel.city import City, CityCard, CommuneCard
from ondijon.kernel.identity import Actor, Grant, Verb
from ondijon.kernel.inventory import TwinRecord
from ondijon.kernel.manifest import Manifest
from ondijon.kernel.twins import TwinsOfType

CARD = CityCard("essai", "Essai", "Europe/Paris", (5.04, 47.32), True, {"fr": "", "en": ""})
COMMUNES = ("21231", "21515")
GATEWAYS = ("CAB-0", "CAB-1", "CAB-2")
LIGHTS_A_GATEWAY = 3
RATED_W = 50.0
VISIBLE_ABOVE, TWO_PERSONS_ABOVE = 2, 5
"""Instead of 50 and 500 devices: the law is the same for a town of nine lights."""
TOLD_ALARMS = ("lighting.lamp_out", "lighting.day_burner")


def manifest() -> Manifest:
    """The lighting trade as it is, with two of its alarms and without what learns over weeks."""
    alarms = tuple(spec for spec in LAMP_ALARMS if spec.key in TOLD_ALARMS)
    types = tuple(spec for spec in MANIFEST.twin_types if spec in (STREETLIGHT, CABINET))
    return replace(MANIFEST, alarms=alarms, detectors=(), twin_types=types)


def commune_of(place: int) -> str:
    """The commune of a gateway by its place: two in the first, one in the second."""
    return COMMUNES[place // 2]


def light(place: int, number: int) -> str:
    """The URN of a light."""
    return f"urn:ngsi-ld:Streetlight:{commune_of(place)}:SL-{place}{number}"


def cabinet(place: int) -> str:
    """The URN of a gateway's cabinet."""
    return f"urn:ngsi-ld:StreetlightControlCabinet:{commune_of(place)}:{GATEWAYS[place]}"


def records() -> list[TwinRecord]:
    """Every cabinet and light."""
    found = []
    for place, gateway in enumerate(GATEWAYS):
        home, insee = (5.0 + place / 10, 47.3), commune_of(place)
        found.append(TwinRecord(cabinet(place), CABINET.key, insee, gateway, home, None, None, gateway, gateway))
        for number in range(LIGHTS_A_GATEWAY):
            device = f"SL-{place}{number}"
            found.append(
                TwinRecord(
                    light(place, number), STREETLIGHT.key, insee, device, home, None, cabinet(place), gateway, device,
                    {"rated_power_w": RATED_W, "feeder": "permanent"},
                )
            )  # fmt: skip
    return found


class Town:
    """What stays when a process ends: who the twins are, and their numbers."""

    def __init__(self, twin_nos: dict[str, int] | None = None) -> None:
        self.manifest = manifest()
        known = sorted(records(), key=lambda record: (record.type, record.id))
        self.twin_nos = twin_nos or {record.id: number for number, record in enumerate(known, 1)}
        self.twins = {
            spec.key: _twins_of(spec.key, [one for one in known if one.type == spec.key], self.twin_nos)
            for spec in self.manifest.twin_types
        }
        names = [(spec.key, one.key) for spec in self.manifest.twin_types for one in spec.properties]
        self.property_nos = {name: number for number, name in enumerate(names, 1)}
        self.urns = {number: urn for urn, number in self.twin_nos.items()}

    def open_city(self) -> City:
        """The city as a process has it at its start: nothing is known of any device."""
        communes = [CommuneCard(insee, insee, (5.0, 47.3)) for insee in COMMUNES]
        return City(CARD, communes, [self.manifest], dict(self.twins), self.property_nos)


def _twins_of(key: str, known: Sequence[TwinRecord], twin_nos: dict[str, int]) -> TwinsOfType:
    return TwinsOfType(key, known, np.array([twin_nos[one.id] for one in known], np.int32), COMMUNES)


def person(name: str, communes: tuple[str, ...] = ("*",), verbs: tuple[Verb, ...] = ()) -> Actor:
    """Somebody with a grant on lighting."""
    number = UUID(int=int.from_bytes(name.encode()[:8], "big"))
    asked: tuple[Verb, ...] = verbs or ("see", "command", "approve", "acknowledge")
    return Actor(number, number, name.title(), name, (Grant("role", communes, ("*",), asked),))


ANNE, BOB = person("anne"), person("bob")
LUC = person("luc", communes=COMMUNES[:1], verbs=("see", "command"))
PEOPLE = (ANNE, BOB, LUC)
