"""When the post itself needs somebody."""

from typing import Any

import numpy as np

from ondijon.domains.platform.model import SERVICE
from ondijon.kernel.alarms import AlarmSpec, AlarmView, Priority, RaisedBy
from ondijon.kernel.arrays import Bools, Ints32


def is_down(view: AlarmView, rows: Ints32) -> Bools:
    """The supervisor says that the service is not up."""
    down: Bools = view.columns["up"][rows] == 0.0
    return down


def show_service(view: AlarmView, row: int) -> dict[str, Any]:
    """How often it was restarted."""
    return {"restarts": int(np.nan_to_num(view.columns["restarts"][row]))}


# One backup a day, and two hours for it to be made and noticed.
BACKUP_OLD_H = 26.0
# A working week and a weekend to find room; it clears a day beyond, so that a forecast that wavers does not chatter.
DISK_SOON_DAYS, DISK_CALM_DAYS = 7.0, 8.0


def is_backup_old(view: AlarmView, rows: Ints32) -> Bools:
    """No backup began within 26 h; unknown where none is set up."""
    old: Bools = view.columns["backup_age_h"][rows] > BACKUP_OLD_H
    return old


def show_backup(view: AlarmView, row: int) -> dict[str, Any]:
    """Hours since the last backup began, and since one was restored on trial."""
    ages = {key: float(view.columns[key][row]) for key in ("backup_age_h", "backup_trial_age_h")}
    return {key: round(age_h, 1) for key, age_h in ages.items() if not np.isnan(age_h)}


def is_disk_filling(view: AlarmView, rows: Ints32) -> Bools:
    """Some disk of the post will be full within a week, at its measured growth."""
    filling: Bools = view.columns["disk_full_days"][rows] < DISK_SOON_DAYS
    return filling


def has_room_again(view: AlarmView, rows: Ints32) -> Bools:
    """Every disk of the post lasts for more than eight days."""
    calm: Bools = view.columns["disk_full_days"][rows] > DISK_CALM_DAYS
    return calm


def show_forecast(view: AlarmView, row: int) -> dict[str, Any]:
    """Days until the first disk is full."""
    return {"disk_full_days": round(float(view.columns["disk_full_days"][row]), 1)}


ALARMS = (
    AlarmSpec(
        key="platform.service_down",
        twin_type=SERVICE.key,
        priority=Priority.URGENT,
        response_s=300,
        predicate=is_down,
        evidence=show_service,
        on_delay_s=10.0,
    ),
    AlarmSpec(
        key="platform.broker_refused",
        twin_type=SERVICE.key,
        priority=Priority.HIGH,
        response_s=3_600,
        predicate=None,
        evidence=show_service,
        off_delay_s=600.0,
        raised_by=RaisedBy("field.refused", "nats"),
    ),
    AlarmSpec(
        key="platform.disk_short",
        twin_type=SERVICE.key,
        priority=Priority.URGENT,
        response_s=900,
        predicate=None,
        evidence=show_service,
        # The supervisor says it again each 5 s for as long as it is so.
        off_delay_s=30.0,
        raised_by=RaisedBy("field.disk_short", "post"),
    ),
    AlarmSpec(
        key="platform.shedding",
        twin_type=SERVICE.key,
        priority=Priority.HIGH,
        response_s=900,
        predicate=None,
        evidence=show_service,
        # The gateway role says it again with each intake that leaves something out.
        off_delay_s=60.0,
        raised_by=RaisedBy("field.shedding", "gateway"),
    ),
    AlarmSpec(
        key="platform.backup_old",
        twin_type=SERVICE.key,
        priority=Priority.MEDIUM,
        response_s=28_800,
        predicate=is_backup_old,
        evidence=show_backup,
        # The first backup of a post that was just set up needs its time.
        on_delay_s=900.0,
    ),
    AlarmSpec(
        key="platform.disk_filling",
        twin_type=SERVICE.key,
        priority=Priority.MEDIUM,
        response_s=86_400,
        predicate=is_disk_filling,
        clears=has_room_again,
        evidence=show_forecast,
        on_delay_s=900.0,
    ),
    AlarmSpec(
        key="platform.clock_stepped",
        twin_type=SERVICE.key,
        priority=Priority.HIGH,
        response_s=3_600,
        predicate=None,
        evidence=show_service,
        # The supervisor says it again each 5 s for as long as it is so.
        off_delay_s=30.0,
        raised_by=RaisedBy("field.clock_stepped", "post"),
    ),
    AlarmSpec(
        key="platform.glass_broken",
        twin_type=SERVICE.key,
        priority=Priority.URGENT,
        response_s=300,
        predicate=None,
        evidence=show_service,
        # As long as the longest emergency access: the alarm ends with it at the latest.
        off_delay_s=3_600.0,
        raised_by=RaisedBy("identity.glass_broken", "web"),
    ),
)
