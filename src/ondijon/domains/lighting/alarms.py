"""Which lighting fault raises what; planned silence raises nothing."""

from typing import Any

from ondijon.domains.lighting.model import CABINET, STREETLIGHT
from ondijon.kernel.alarms import AlarmSpec, AlarmView, Priority
from ondijon.kernel.arrays import Bools, Ints32

LIT_FROM_PCT = 10.0
DARK_SHARE = 0.15
LIT_SHARE = 0.25
BURNING_SHARE = 0.3
COLD_SHARE = 0.2


def is_lamp_out(view: AlarmView, rows: Ints32) -> Bools:
    """Light asked for, no power drawn: below 15 % of what the level should draw (a driver's standby is less)."""
    level = view.columns["level_pct"][rows]
    power = view.columns["power_w"][rows]
    rated = view.twins.numbers("rated_power_w")[rows]
    out: Bools = (level >= LIT_FROM_PCT) & (power < DARK_SHARE * rated * level / 100.0)
    return out


def is_lamp_lit_again(view: AlarmView, rows: Ints32) -> Bools:
    """No light is asked for, or at least 25 % of what the level should draw is drawn: between 15 and 25 % it stands."""
    level = view.columns["level_pct"][rows]
    power = view.columns["power_w"][rows]
    rated = view.twins.numbers("rated_power_w")[rows]
    lit: Bools = (level < LIT_FROM_PCT) | (power >= LIT_SHARE * rated * level / 100.0)
    return lit


def is_day_burner(view: AlarmView, rows: Ints32) -> Bools:
    """No light asked for, power drawn all the same."""
    level = view.columns["level_pct"][rows]
    power = view.columns["power_w"][rows]
    burning: Bools = (level <= 0.0) & (power > BURNING_SHARE * view.twins.numbers("rated_power_w")[rows])
    return burning


def is_burner_off(view: AlarmView, rows: Ints32) -> Bools:
    """Light is asked for, or less than 20 % of the rated power is drawn."""
    level = view.columns["level_pct"][rows]
    power = view.columns["power_w"][rows]
    off: Bools = (level > 0.0) | (power < COLD_SHARE * view.twins.numbers("rated_power_w")[rows])
    return off


def is_cabinet_lost(view: AlarmView, rows: Ints32) -> Bools:
    """The gateway's last gasp, or its word, says that the mains are gone."""
    lost: Bools = view.columns["supply"][rows] == 0.0
    return lost


def is_gateway_lost(view: AlarmView, rows: Ints32) -> Bools:
    """The gateway left."""
    lost: Bools = view.columns["online"][rows] == 0.0
    return lost


def show_lamp(view: AlarmView, row: int) -> dict[str, Any]:
    """What the lamp said when the alarm was raised."""
    return {
        "level_pct": round(float(view.columns["level_pct"][row]), 1),
        "power_w": round(float(view.columns["power_w"][row]), 1),
        "rated_power_w": float(view.twins.numbers("rated_power_w")[row]),
    }


def show_cabinet(view: AlarmView, row: int) -> dict[str, Any]:
    """When the cabinet was last heard."""
    return {"last_heard_us": int(view.columns.received_us[:, row].max())}


ALARMS = (
    AlarmSpec(
        key="lighting.lamp_out",
        twin_type=STREETLIGHT.key,
        priority=Priority.MEDIUM,
        response_s=5 * 86_400,
        predicate=is_lamp_out,
        evidence=show_lamp,
        on_delay_s=2.0,
        off_delay_s=3.0,
        path="supply",
        clears=is_lamp_lit_again,
    ),
    AlarmSpec(
        key="lighting.day_burner",
        twin_type=STREETLIGHT.key,
        priority=Priority.LOW,
        response_s=15 * 86_400,
        predicate=is_day_burner,
        evidence=show_lamp,
        on_delay_s=120.0,
        off_delay_s=3.0,
        path="supply",
        clears=is_burner_off,
    ),
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
)
