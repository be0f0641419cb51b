"""A manifest is everything a trade brings, and the only file the loader reads."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from ondijon.kernel.alarms import AlarmSpec
from ondijon.kernel.arrays import Floats, Ints32
from ondijon.kernel.commands import Payload, RiskClass
from ondijon.kernel.detectors import DetectorSpec
from ondijon.kernel.privacy import Privacy
from ondijon.kernel.readings import Columns
from ondijon.kernel.twins import TwinsOfType

ValueKind = Literal["number", "boolean", "choice"]
HEALTH = "health"


class PropertySpec(Struct, frozen=True):
    """A value that changes.

    model_name: NGSI-LD / Smart Data Models name; wire_name: name on the generic wire (None = the post computes it);
    value = wire value * wire_scale; a choice is stored as its place in `choices`; live: part of map frames;
    shown: people see it.
    """

    key: str
    kind: ValueKind
    unit: str
    model_name: str
    wire_name: str | None
    privacy: Privacy
    wire_scale: float = 1.0
    choices: tuple[str, ...] = ()
    live: bool = False
    chart: bool = False
    stale_after_s: int = 0
    shown: bool = True


class AttributeSpec(Struct, frozen=True):
    """A value that stays until somebody re-equips the object."""

    key: str
    kind: Literal["number", "boolean", "choice", "text"]
    unit: str
    model_name: str
    privacy: Privacy
    choices: tuple[str, ...] = ()


class HoldGroup(Struct, frozen=True):
    """Properties a person may hold together against the programme.

    release: the wanted state that gives them back; tolerance: how far a report may be off and still confirm.
    """

    key: str
    properties: tuple[str, ...]
    release: dict[str, float]
    tolerance: dict[str, float]


class LevelSpec(Struct, frozen=True):
    """A step from a twin towards its source on its supply or its link path; deepest first.

    kind: see `kernel.grouping.Cause`. of: `part` = the attribute names a part of the twin's parent (circuit, phase);
    `itself`, `parent`, `gateway` = the twin that everything below hangs on, one kind for each path; `trunk` = the
    attribute names what several such twins hang on (feeder, uplink). Twins take over the trunks of what they hang on.
    A twin without the attribute has no such level.
    """

    kind: str
    path: Literal["supply", "link"]
    of: Literal["part", "itself", "parent", "gateway", "trunk"]
    attribute: str = ""


class TwinTypeSpec(Struct, frozen=True):
    """One kind of object, its state, and how it stands on the map and in tables."""

    key: str
    model_name: str
    symbol: str
    map: Literal["point", "symbol", "none"]
    properties: tuple[PropertySpec, ...]
    attributes: tuple[AttributeSpec, ...] = ()
    hold_groups: tuple[HoldGroup, ...] = ()
    table_columns: tuple[str, ...] = ()
    level_property: str | None = None
    min_zoom: float = 0.0
    levels: tuple[LevelSpec, ...] = ()


class Field(Struct, frozen=True):
    """One field of a command's form; min, max and step in `unit`."""

    key: str
    kind: Literal["number", "choice", "duration", "text"]
    unit: str = ""
    min: float | None = None
    max: float | None = None
    step: float | None = None
    default: float | str | None = None
    choices: tuple[str, ...] = ()
    optional: bool = False


class Decision(Struct, frozen=True, eq=False):
    """What a trade decides for each target, in the order of the rows given.

    refusal: index into `refusal_keys` (catalogue keys), -1 where the target is not refused;
    wanted: property -> wanted value by target (NaN = do not write); None releases the hold group.
    """

    refusal: Ints32
    refusal_keys: tuple[str, ...]
    wanted: dict[str, Floats] | None


class DecisionView(Struct, frozen=True, eq=False):
    """What a decision may look at."""

    columns: Columns
    twins: TwinsOfType
    now_us: int


Decide = Callable[[DecisionView, Ints32, Payload], Decision]


class CommandSpec(Struct, frozen=True, eq=False):
    """An act people may ask for; key is `{trade}.{imperative}`."""

    key: str
    twin_types: tuple[str, ...]
    hold_group: str
    fields: tuple[Field, ...]
    decide: Decide
    risk_class: RiskClass = RiskClass.REVERSIBLE
    hold_field: str | None = None
    shortcut: str | None = None


class ProgrammeSpec(Struct, frozen=True):
    """Twins of this type store a programme; `version_property` reports which one."""

    twin_type: str
    version_property: str


class Manifest(Struct, frozen=True, eq=False):
    """Everything one folder brings to the post."""

    trade: str
    twin_types: tuple[TwinTypeSpec, ...] = ()
    commands: tuple[CommandSpec, ...] = ()
    alarms: tuple[AlarmSpec, ...] = ()
    programmes: tuple[ProgrammeSpec, ...] = ()
    detectors: tuple[DetectorSpec, ...] = ()
