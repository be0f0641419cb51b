"""Orders that the simulator takes while it runs, as JSON with an `order` word."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from ondijon.kernel.errors import RemoteProtocolError
from ondijon.simulator.field.truth import FaultKind


class Storm(Struct, frozen=True, tag_field="order", tag="storm"):
    """The same fault for `count` lights (or gateways, by kind) within seconds, around a cabinet or `scattered`.

    by_feeder: whole grid feeders one after the other instead of whole cabinets.
    """

    count: Annotated[int, Meta(ge=1)]
    within_s: Annotated[float, Meta(ge=0.0)] = 10.0
    kind: FaultKind = "lamp_out"
    gateway: str | None = None
    scattered: bool = False
    by_feeder: bool = False
    amount: float = 0.0
    for_s: float | None = None


class BreakIt(Struct, frozen=True, tag_field="order", tag="fault"):
    """One fault at a light (`device`), at a gateway (`*` = every gateway), or at all gateways of a feeder or uplink."""

    kind: FaultKind
    device: str | None = None
    gateway: str | None = None
    feeder: str | None = None
    uplink: str | None = None
    amount: float | None = None
    for_s: float | None = None


class Heal(Struct, frozen=True, tag_field="order", tag="heal"):
    """Repair a light, a gateway, a kind, or everything when nothing is named."""

    device: str | None = None
    gateway: str | None = None
    kind: FaultKind | None = None


class Offline(Struct, frozen=True, tag_field="order", tag="offline"):
    """Cut a gateway's connection without a goodbye; the same as a `gateway_loss`."""

    gateway: str
    for_s: float | None = None


class Cadence(Struct, frozen=True, tag_field="order", tag="cadence"):
    """Report everything every so many seconds from now on."""

    every_s: Annotated[float, Meta(ge=0.1)]


class Report(Struct, frozen=True, tag_field="order", tag="report"):
    """Report everything once, now."""


class Refit(Struct, frozen=True, tag_field="order", tag="refit"):
    """Crews have put up luminaires of another rated power (W), by device; unknown devices are passed over."""

    powers_w: dict[str, Annotated[float, Meta(gt=0.0)]]


Order = Storm | BreakIt | Heal | Offline | Cadence | Report | Refit

_DECODER = msgspec.json.Decoder(Order)


def read_order(payload: bytes) -> Order:
    """Raises RemoteProtocolError when it is no order."""
    try:
        order: Order = _DECODER.decode(payload)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as fault:
        raise RemoteProtocolError("simulator.bad_order", reason=str(fault)) from fault
    return order
