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
