"""The simulated field's plan, read off the twins of the city."""

import tomllib
from pathlib import Path

from ondijon.cli.places import city_folder, field_key
from ondijon.cli.prepare import gateway_secret
from ondijon.kernel.city import City
from ondijon.kernel.inventory import AttributeValue, TwinRecord
from ondijon.simulator.field.plan import FieldPlan, GatewaySpec, LightSpec

CABINET, LIGHT = "StreetlightControlCabinet", "Streetlight"
PHASES = {"L1": 0, "L2": 1, "L3": 2}
FACTORY_NIGHT, FACTORY_NIGHTS = "2026-01-01", 364
UNKNOWN_POWER_W, UNKNOWN_YEAR = 60.0, 2015


def make_field_plan(city: City, home: Path, programme: dict[str, object]) -> FieldPlan:
    """Every cabinet a gateway with its derived secret, every light behind one; other gateways are not simulated."""
    key = field_key(home)
    gateways = tuple(
        GatewaySpec(
            gateway=record.gateway,
            secret=gateway_secret(key, record.gateway),
            lon=record.position[0],
            lat=record.position[1],
            commune=record.commune,
            timezone=city.card.timezone,
            feeders=("permanent", "switched"),
            grid_feeder=_text(record.attributes.get("grid_feeder")),
            uplink=_text(record.attributes.get("uplink")),
        )
        for record in city.twins[CABINET].records
        if record.gateway is not None
    )
    simulated = {gateway.gateway for gateway in gateways}
    lights = []
    for record in city.twins[LIGHT].records:
        if record.gateway is None or record.device is None or record.gateway not in simulated:
            continue
        year = record.attributes.get("installed_year")
        lights.append(
            LightSpec(
                device=record.device,
                gateway=record.gateway,
                feeder="switched" if record.attributes.get("feeder") == "switched" else "permanent",
                rated_power_w=_power_w(record),
                installed_year=int(year) if isinstance(year, int | float) else UNKNOWN_YEAR,
                street_id=record.street_id,
                lon=record.position[0],
                lat=record.position[1],
                circuit=_number(record.attributes.get("circuit")),
                phase=PHASES.get(str(record.attributes.get("phase"))),
            )
        )
    return FieldPlan(gateways, tuple(lights), programme)


def rated_powers(city: City) -> dict[str, float]:
    """What each simulated lamp draws at its rating (W), by device."""
    return {record.device: _power_w(record) for record in city.twins[LIGHT].records if record.device is not None}


def _power_w(light: TwinRecord) -> float:
    power = light.attributes.get("rated_power_w")
    return float(power) if isinstance(power, int | float) else UNKNOWN_POWER_W


def _text(value: AttributeValue) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: AttributeValue) -> int | None:
    return int(value) if isinstance(value, int | float) else None


def factory_programme(city: str) -> dict[str, object]:
    """What gateways leave the factory with, as version 0: the same night for ever, for every light."""
    factory = tomllib.loads((city_folder(city) / "programmes.toml").read_text("utf-8"))["factory"]
    return {
        "timezone": factory["timezone"],
        "position": factory["position"],
        "from": FACTORY_NIGHT,
        "profiles": [{key: factory[key] for key in ("on", "off", "steps")}],
        "calendars": ["0" * FACTORY_NIGHTS],
        "groups": [{"calendar": 0}],
    }
