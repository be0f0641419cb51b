"""What lighting decides about a command; pure, for all targets at once."""

import numpy as np

from ondijon.domains.lighting.model import MANUAL
from ondijon.kernel.arrays import Ints32
from ondijon.kernel.commands import Payload
from ondijon.kernel.errors import Refused
from ondijon.kernel.manifest import Decision, DecisionView

OUT_OF_SERVICE = "lighting.refusal.no_gateway"


def _refusals(view: DecisionView, rows: Ints32) -> Ints32:
    """A light that no gateway speaks for can be watched over by eye, not commanded."""
    records = view.twins.records
    return np.array([-1 if records[row].gateway else 0 for row in rows], np.int32)


def _wanted_level(payload: Payload) -> float:
    level = payload.get("level_pct")
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 <= level <= 100:
        raise Refused("lighting.refusal.bad_level", level=str(level))
    return float(level)


def _held(view: DecisionView, rows: Ints32, level_pct: float) -> Decision:
    wanted = {"control": np.full(len(rows), MANUAL), "level_pct": np.full(len(rows), level_pct)}
    return Decision(_refusals(view, rows), (OUT_OF_SERVICE,), wanted)


def decide_dim(view: DecisionView, rows: Ints32, payload: Payload) -> Decision:
    """Hold lights at `level_pct` (0 to 100 % of rated light output)."""
    return _held(view, rows, _wanted_level(payload))


def decide_switch(view: DecisionView, rows: Ints32, payload: Payload) -> Decision:
    """Hold lights fully on or off (`state` = on | off)."""
    state = payload.get("state")
    if state not in ("on", "off"):
        raise Refused("lighting.refusal.bad_state", state=str(state))
    return _held(view, rows, 100.0 if state == "on" else 0.0)


def decide_release(view: DecisionView, rows: Ints32, payload: Payload) -> Decision:
    """Give lights back to the programme stored in their gateway."""
    return Decision(_refusals(view, rows), (OUT_OF_SERVICE,), None)
