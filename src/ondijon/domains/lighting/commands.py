"""What people may ask of street lights."""

from ondijon.domains.lighting.model import LEVEL_HOLD, STREETLIGHT
from ondijon.domains.lighting.rules.orders import decide_dim, decide_release, decide_switch
from ondijon.kernel.manifest import CommandSpec, Field

HOLD_FOR = Field("hold_s", "duration", "s", min=60, max=86_400, default=3_600, optional=True)

DIM = CommandSpec(
    key="lighting.dim_streetlights",
    twin_types=(STREETLIGHT.key,),
    hold_group=LEVEL_HOLD.key,
    fields=(Field("level_pct", "number", "%", min=0, max=100, step=5, default=60), HOLD_FOR),
    decide=decide_dim,
    hold_field=HOLD_FOR.key,
    shortcut="l",
)
SWITCH = CommandSpec(
    key="lighting.switch_streetlights",
    twin_types=(STREETLIGHT.key,),
    hold_group=LEVEL_HOLD.key,
    fields=(Field("state", "choice", default="on", choices=("on", "off")), HOLD_FOR),
    decide=decide_switch,
    hold_field=HOLD_FOR.key,
)
RELEASE = CommandSpec(
    key="lighting.release_streetlights",
    twin_types=(STREETLIGHT.key,),
    hold_group=LEVEL_HOLD.key,
    fields=(),
    decide=decide_release,
)
