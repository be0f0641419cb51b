"""The plan of simulated traffic counters, read off the twins of the city."""

from pathlib import Path

from ondijon.cli.counters import TYPE
from ondijon.cli.places import field_key
from ondijon.cli.prepare import gateway_secret
from ondijon.kernel.city import City
from ondijon.simulator.sensors import CounterSpec
from ondijon.simulator.year.demand import TRAFFIC


def make_counter_plan(city: City, home: Path) -> tuple[CounterSpec, ...]:
    """Every invented counter of the city with its gateway's secret."""
    key = field_key(home)
    specs = []
    for record in city.twins[TYPE].records if TYPE in city.twins else ():
        if record.gateway is None or record.attributes.get("synthetic") is not True:
            continue
        usual = TRAFFIC.get(str(record.attributes.get("street_class")), TRAFFIC["residential"])
        counted = record.attributes.get("vehicles_per_day")
        vehicles = float(counted) if isinstance(counted, int | float) else usual.vehicles_per_day
        secret = gateway_secret(key, record.gateway)
        specs.append(CounterSpec(record.gateway, secret, *record.position, vehicles, usual.people_per_day))
    return tuple(specs)
