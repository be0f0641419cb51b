"""The lights of a city in memory as arrays, with the classes and floors that are known of them."""

from collections.abc import Mapping, Sequence

import numpy as np

from ondijon.domains.lighting.model import CABINET, STREETLIGHT
from ondijon.domains.lighting.rules.programmes.compile import Cabinet, list_cabinets
from ondijon.domains.lighting.rules.programmes.lights import NOWHERE, Lights
from ondijon.kernel.arrays import Ints32
from ondijon.kernel.city import City
from ondijon.kernel.inventory import TwinRecord
from ondijon.kernel.twins import TwinsOfType

Known = tuple[str, bool, float]  # class, whether on a crossing, floor in %
_NOTHING: Known = ("", False, 0.0)
NO_TWINS = np.zeros(0, np.int32)


def make_lights(city: City, known: Mapping[int, Known]) -> Lights:
    """Every light of the city; `known` by twin number. A city without lights has none."""
    twins = city.twins.get(STREETLIGHT.key) or TwinsOfType(STREETLIGHT.key, [], NO_TWINS, city.commune_codes)
    records = twins.records
    of_class = [known.get(number, _NOTHING) for number in twins.twin_no.tolist()]
    classes = sorted({name for name, _, _ in of_class} - {""})
    class_no = {name: place for place, name in enumerate(classes)}
    streets: dict[tuple[str, str], int] = {}
    return Lights(
        twin_no=twins.twin_no,
        lon=twins.lon,
        lat=twins.lat,
        commune=twins.commune,
        communes=city.commune_codes,
        street=np.array([_street(city, record, streets) for record in records], np.int32),
        streets=tuple(streets),
        lighting_class=np.array([class_no.get(name, NOWHERE) for name, _, _ in of_class], np.int16),
        classes=tuple(classes),
        on_crossing=np.array([crossing for _, crossing, _ in of_class], np.bool_),
        floor_pct=np.array([floor for _, _, floor in of_class], np.float64),
        rated_w=twins.numbers("rated_power_w"),
        cabinet=_cabinet_of(city, records),
        device=[record.device for record in records],
        row_of=twins.row_of,
    )


def _street(city: City, record: TwinRecord, streets: dict[tuple[str, str], int]) -> int:
    card = city.streets.get(record.street_id or "")
    return NOWHERE if card is None else streets.setdefault((card.commune, card.name), len(streets))


def _cabinet_of(city: City, records: Sequence[TwinRecord]) -> Ints32:
    cabinets = city.twins.get(CABINET.key)
    speaks = {} if cabinets is None else {one.gateway: row for row, one in enumerate(cabinets.records) if one.gateway}
    return np.array([speaks.get(record.gateway or "", NOWHERE) for record in records], np.int32)


def cabinets_of(city: City, lights: Lights) -> list[Cabinet]:
    """The cabinets that speak for lights."""
    cabinets = city.twins.get(CABINET.key)
    if cabinets is None:
        return []
    return list_cabinets(lights, cabinets.twin_no, [record.position for record in cabinets.records])
