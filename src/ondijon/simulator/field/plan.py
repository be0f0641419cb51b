"""What the field consists of, handed over by whoever knows the city."""

from typing import Literal

from msgspec import Struct

from ondijon.kernel.errors import Refused
from ondijon.kernel.ids import is_local_id

FeederKind = Literal["permanent", "switched"]


class GatewaySpec(Struct, frozen=True):
    """A cabinet controller; `gateway` is its MQTT user name and client id; what it hangs on, where that is known."""

    gateway: str
    secret: str
    lon: float
    lat: float
    commune: str
    timezone: str
    feeders: tuple[FeederKind, ...]
    grid_feeder: str | None = None
    uplink: str | None = None


class LightSpec(Struct, frozen=True):
    """A light behind a gateway, reported under the name `device`; circuit from 1, phase 0 to 2, where known."""

    device: str
    gateway: str
    feeder: FeederKind
    rated_power_w: float
    installed_year: int
    street_id: str | None
    lon: float
    lat: float
    circuit: int | None = None
    phase: int | None = None


class FieldPlan(Struct, frozen=True):
    """The whole field; `programme` is the content that gateways left the factory with (docs/drivers/mqtt.md)."""

    gateways: tuple[GatewaySpec, ...]
    lights: tuple[LightSpec, ...]
    programme: dict[str, object]
    programme_version: int = 0


class FieldOptions(Struct, frozen=True):
    """How the field behaves; seconds called `_wall_s` never follow an accelerated clock."""

    report_every_s: float = 60.0
    report_floor_wall_s: float = 5.0
    change_hold_wall_s: float = 1.0
    tick_wall_s: float = 0.25
    connect_within_wall_s: float = 2.5
    metrics_every_wall_s: float = 30.0
    reconnect_min_wall_s: float = 0.5
    reconnect_max_wall_s: float = 10.0
    keepalive_s: int = 60
    devices_per_pack: int = 60
    packs_kept_offline: int = 40
    packs_in_flight: int = 16
    cbor_share: float = 0.05
    background_rate: float = 1.0
    standing_share: float = 0.0004
    control_user: str | None = None
    control_secret: str = ""
    control_topic: str = "sim/1/control"


def check_plan(plan: FieldPlan) -> None:
    """Raise Refused when ids cannot be used on the wire, occur twice, or a light has no gateway."""
    gateways: set[str] = set()
    for gateway in plan.gateways:
        if not is_local_id(gateway.gateway) or gateway.gateway in gateways:
            raise Refused("error.bad_gateway_id", id=gateway.gateway)
        gateways.add(gateway.gateway)
    devices: set[str] = set()
    for light in plan.lights:
        if not is_local_id(light.device) or light.device in devices or light.device in gateways:
            raise Refused("error.bad_device_id", id=light.device)
        if light.gateway not in gateways:
            raise Refused("error.unknown_gateway", id=light.gateway, device=light.device)
        devices.add(light.device)
