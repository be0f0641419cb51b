"""What of a cabinet is an alarm: supply or link gone, a cable stolen, and what its meter tells where lamps are mute."""

from typing import Any

from ondijon.domains.lighting.model import CABINET, LOST_PARTS
from ondijon.domains.lighting.rules.faults.cabinets import NOTHING
from ondijon.domains.lighting.rules.faults.lamps import TOGETHER
from ondijon.domains.lighting.rules.faults.losses import CABLE
from ondijon.kernel.alarms import AlarmSpec, AlarmView, Priority
from ondijon.kernel.arrays import Bools, Ints32


def is_cabinet_lost(view: AlarmView, rows: Ints32) -> Bools:
    """The gateway's last gasp, or its word, says that the mains are gone."""
    lost: Bools = view.columns["supply"][rows] == 0.0
    return lost


def is_gateway_lost(view: AlarmView, rows: Ints32) -> Bools:
    """The gateway left."""
    lost: Bools = view.columns["online"][rows] == 0.0
    return lost


def is_cable_stolen(view: AlarmView, rows: Ints32) -> Bools:
    """Lights in a row are silent and draw nothing, or the current fell to a stump, while the voltage is there."""
    columns = view.columns
    stolen: Bools = (columns["cut_lights"][rows] >= TOGETHER) | (columns["lost_part"][rows] == CABLE)
    return stolen


def is_part_dark(view: AlarmView, rows: Ints32) -> Bools:
    """The meter says that one phase or one circuit draws nothing."""
    part = view.columns["lost_part"][rows]
    dark: Bools = (part > NOTHING) & (part < CABLE)
    return dark


def are_lights_missing(view: AlarmView, rows: Ints32) -> Bools:
    """The meter says that single lights draw nothing."""
    columns = view.columns
    missing: Bools = (columns["missing_lights"][rows] >= 1.0) & (columns["lost_part"][rows] == NOTHING)
    return missing


def is_load_unexplained(view: AlarmView, rows: Ints32) -> Bools:
    """No light asked for, and the meter counts what no light says it draws."""
    load: Bools = view.columns["extra_w"][rows] > 0.0
    return load


def show_cabinet(view: AlarmView, row: int) -> dict[str, Any]:
    """When the cabinet was last heard."""
    return {"last_heard_us": int(view.columns.received_us[:, row].max())}


def show_meter(view: AlarmView, row: int) -> dict[str, Any]:
    """What the meter counted and what of the expected load is missing."""
    columns = view.columns
    return {
        "power_w": round(float(columns["power_w"][row])),
        "level_pct": round(float(columns["level_pct"][row])),
        "lost_share_pct": round(float(columns["lost_share_pct"][row])),
        "missing_lights": round(float(columns["missing_lights"][row])),
    }


def show_part(view: AlarmView, row: int) -> dict[str, Any]:
    """Which part is dark."""
    return {**show_meter(view, row), "lost_part": LOST_PARTS[int(view.columns["lost_part"][row])]}


def show_cable(view: AlarmView, row: int) -> dict[str, Any]:
    """How many lights are silent and dark."""
    return {**show_meter(view, row), "cut_lights": round(float(view.columns["cut_lights"][row]))}


def show_load(view: AlarmView, row: int) -> dict[str, Any]:
    """The load that nothing explains."""
    columns = view.columns
    return {"power_w": round(float(columns["power_w"][row])), "extra_w": round(float(columns["extra_w"][row]))}


CABINET_ALARMS = (
    AlarmSpec(
        key="lighting.cabinet_lost",
        twin_type=CABINET.key,
        priority=Priority.HIGH,
        response_s=4 * 3_600,
        predicate=is_cabinet_lost,
        evidence=show_cabinet,
        off_delay_s=5.0,
        path="supply",
    ),
    AlarmSpec(
        key="lighting.gateway_lost",
        twin_type=CABINET.key,
        priority=Priority.MEDIUM,
        response_s=86_400,
        predicate=is_gateway_lost,
        evidence=show_cabinet,
        on_delay_s=20.0,
        path="link",
        # Without mains a gateway falls silent by design: cabinet_lost says so.
        suppressed=is_cabinet_lost,
    ),
    AlarmSpec(
        key="lighting.cable_stolen",
        twin_type=CABINET.key,
        priority=Priority.HIGH,
        response_s=3_600,
        predicate=is_cable_stolen,
        evidence=show_cable,
        on_delay_s=120.0,
        off_delay_s=120.0,
        suppressed=is_cabinet_lost,
    ),
    AlarmSpec(
        key="lighting.part_dark",
        twin_type=CABINET.key,
        priority=Priority.HIGH,
        response_s=4 * 3_600,
        predicate=is_part_dark,
        evidence=show_part,
        on_delay_s=120.0,
        off_delay_s=120.0,
        suppressed=is_cabinet_lost,
    ),
    AlarmSpec(
        key="lighting.lights_missing",
        twin_type=CABINET.key,
        priority=Priority.MEDIUM,
        response_s=5 * 86_400,
        predicate=are_lights_missing,
        evidence=show_meter,
        on_delay_s=240.0,
        off_delay_s=240.0,
        suppressed=is_cabinet_lost,
    ),
    AlarmSpec(
        key="lighting.unexplained_load",
        twin_type=CABINET.key,
        priority=Priority.LOW,
        response_s=15 * 86_400,
        predicate=is_load_unexplained,
        evidence=show_load,
        on_delay_s=300.0,
        off_delay_s=300.0,
    ),
)
