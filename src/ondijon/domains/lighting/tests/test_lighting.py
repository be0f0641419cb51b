"""What lighting decides and what it raises, on a handful of lights."""

import numpy as np
import pytest

from ondijon.domains.lighting.alarms import ALARMS
from ondijon.domains.lighting.alarms.cabinets import is_cabinet_lost, is_gateway_lost
from ondijon.domains.lighting.alarms.lamps import is_burner_off, is_day_burner, is_lamp_lit_again, is_lamp_out
from ondijon.domains.lighting.model import CABINET, LEVEL_HOLD, STREETLIGHT
from ondijon.domains.lighting.rules.orders import decide_dim, decide_release, decide_switch
from ondijon.kernel.alarms import AlarmView
from ondijon.kernel.errors import Refused
from ondijon.kernel.inventory import TwinRecord
from ondijon.kernel.manifest import DecisionView, TwinTypeSpec
from ondijon.kernel.readings import Columns
from ondijon.kernel.twins import TwinsOfType

ROWS = np.arange(3, dtype=np.int32)


def some_of(spec: TwinTypeSpec, gateways: tuple[str | None, ...] = ("G", "G", None)) -> tuple[Columns, TwinsOfType]:
    records = [
        TwinRecord(f"urn:x:{n}", spec.key, "21231", f"n{n}", (5.0, 47.0), gateway=g, attributes={"rated_power_w": 50})
        for n, g in enumerate(gateways)
    ]
    columns = Columns(spec.key, [declared.key for declared in spec.properties], len(records))
    return columns, TwinsOfType(spec.key, records, ROWS, ["21231"])


def test_dimming_holds_every_light_that_a_gateway_speaks_for() -> None:
    decision = decide_dim(DecisionView(*some_of(STREETLIGHT), 0), ROWS, {"level_pct": 40})
    assert decision.refusal.tolist() == [-1, -1, 0]
    assert decision.wanted is not None
    assert {key: values.tolist() for key, values in decision.wanted.items()} == {
        "control": [1.0] * 3,
        "level_pct": [40.0] * 3,
    }
    assert set(decision.wanted) == set(LEVEL_HOLD.properties)


@pytest.mark.parametrize("level", [-1, 101, True, "60", None, float("nan")])
def test_a_level_that_is_none_is_refused(level: float) -> None:
    with pytest.raises(Refused, match="bad_level"):
        decide_dim(DecisionView(*some_of(STREETLIGHT), 0), ROWS, {"level_pct": level})


def test_switching_means_full_light_or_none_and_release_means_the_programme() -> None:
    view = DecisionView(*some_of(STREETLIGHT), 0)
    for state, level in (("on", 100.0), ("off", 0.0)):
        wanted = decide_switch(view, ROWS, {"state": state}).wanted
        assert wanted is not None and wanted["level_pct"].tolist() == [level] * 3
    assert decide_release(view, ROWS, {}).wanted is None
    with pytest.raises(Refused, match="bad_state"):
        decide_switch(view, ROWS, {"state": "maybe"})


def test_a_lamp_is_out_when_it_should_shine_and_draws_nothing_and_burns_by_day_when_it_should_not() -> None:
    columns, twins = some_of(STREETLIGHT, ("G",) * 3)
    columns["level_pct"][:] = [100, 100, 0]
    columns["power_w"][:] = [50, 1, 40]
    view = AlarmView(columns, twins, 0)
    assert is_lamp_out(view, ROWS).tolist() == [False, True, False]
    assert is_day_burner(view, ROWS).tolist() == [False, False, True]


def test_a_lamp_that_never_reported_raises_nothing() -> None:
    view = AlarmView(*some_of(STREETLIGHT), 0)
    assert not is_lamp_out(view, ROWS).any() and not is_day_burner(view, ROWS).any()


def test_a_cabinet_without_mains_is_lost_and_its_gateway_then_is_not_a_second_alarm() -> None:
    columns, twins = some_of(CABINET, ("G",) * 3)
    columns["supply"][:] = [1, 0, 1]
    columns["online"][:] = [1, 0, 0]
    view = AlarmView(columns, twins, 0)
    assert is_cabinet_lost(view, ROWS).tolist() == [False, True, False]
    assert (is_gateway_lost(view, ROWS) & ~is_cabinet_lost(view, ROWS)).tolist() == [False, False, True]
    suppressed = {spec.key: spec.suppressed for spec in ALARMS if spec.suppressed is not None}
    assert suppressed["lighting.gateway_lost"] is is_cabinet_lost


def test_a_lamp_stays_out_until_it_draws_clearly_more_than_what_raised_it() -> None:
    columns, twins = some_of(STREETLIGHT, ("G",) * 3)
    columns["level_pct"][:] = [100, 100, 5]
    columns["power_w"][:] = [10, 13, 0]
    view = AlarmView(columns, twins, 0)
    assert is_lamp_out(view, ROWS).tolist() == [False, False, False]
    assert is_lamp_lit_again(view, ROWS).tolist() == [False, True, False], "unlit, an outage stays what it was"
    columns["level_pct"][:] = [0, 0, 20]
    assert is_day_burner(view, ROWS).tolist() == [False, False, False]
    assert is_burner_off(view, ROWS).tolist() == [False, False, True]
