"""The shapes of the console's interface (docs/console-api.md), as they leave in JSON."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from ondijon.kernel.commands import Command, CommandRequest, Payload, Precondition, RiskClass, Selection
from ondijon.kernel.identity import Grant
from ondijon.kernel.inventory import AttributeValue, Position

Scalar = float | int | str | bool | None


class DemoAccount(Struct, frozen=True):
    """An account that a demonstration offers to whoever has not signed in."""

    username: str
    password: str
    label: str


class Me(Struct, frozen=True):
    """The person who is signed in; idle_lock_s None = this session never locks by itself."""

    name: str
    username: str
    role_labels: tuple[str, ...]
    grants: tuple[Grant, ...]
    idle_lock_s: int | None
    break_glass_until: datetime | None


class CityShape(Struct, frozen=True):
    """The city; `attribution` by language, `timezone` as IANA names it."""

    key: str
    name: str
    synthetic: bool
    attribution: dict[str, str]
    timezone: str
    center: Position
    bbox: tuple[float, float, float, float]


class CommuneShape(Struct, frozen=True):
    """A commune; its place in the list is its index in positions."""

    insee: str
    name: str
    center: Position


class PropertyShape(Struct, frozen=True):
    """A live property's declaration."""

    key: str
    kind: str
    unit: str | None
    choices: tuple[str, ...]
    live: bool
    chart: bool
    stale_after_s: int | None


class AttributeShape(Struct, frozen=True):
    """A lasting attribute's declaration."""

    key: str
    kind: str
    unit: str | None
    choices: tuple[str, ...]


class TwinTypeShape(Struct, frozen=True):
    """A twin type; its place over all trades is its index in frames."""

    key: str
    symbol: str
    map: str
    min_zoom: float
    properties: tuple[PropertyShape, ...]
    attributes: tuple[AttributeShape, ...]
    table_columns: tuple[str, ...]
    fault_property: str | None
    level_property: str | None


class FieldShape(Struct, frozen=True):
    """One field of a command's form."""

    key: str
    kind: str
    unit: str | None
    min: float | None
    max: float | None
    step: float | None
    default: float | str | None
    choices: tuple[str, ...]
    optional: bool


class CommandTypeShape(Struct, frozen=True):
    """An act that may be asked for; `label` is its catalogue key."""

    key: str
    twin_types: tuple[str, ...]
    label: str
    fields: tuple[FieldShape, ...]
    risk_class: int
    shortcut: str | None


class AlarmTypeShape(Struct, frozen=True):
    """A kind of alarm."""

    key: str
    twin_type: str
    priority: int
    response_s: int


class TradeShape(Struct, frozen=True):
    """Everything a trade brings to the screens."""

    trade: str
    twin_types: tuple[TwinTypeShape, ...]
    commands: tuple[CommandTypeShape, ...]
    alarms: tuple[AlarmTypeShape, ...]


class Bootstrap(Struct, frozen=True):
    """What a console needs before it can draw."""

    city: CityShape
    communes: tuple[CommuneShape, ...]
    trades: tuple[TradeShape, ...]
    now: datetime


class StateValue(Struct, frozen=True):
    """A live value with its age."""

    value: Scalar
    observed_at: datetime | None
    received_at: datetime | None
    quality: int
    stale: bool


class Hold(Struct, frozen=True):
    """What a person holds against the programme."""

    twin: str
    twin_name: str
    group: str
    wanted: dict[str, Scalar]
    until: datetime | None
    since: datetime
    command: UUID
    owner: str
    reason: str


class Alarm(Struct, frozen=True):
    """An alarm with where it stands."""

    id: UUID
    type: str
    trade: str
    twin: str
    twin_name: str
    twin_type: str
    commune: str
    street: str | None
    lon: float
    lat: float
    priority: int
    state: str
    raised_at: datetime
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    evidence: dict[str, Any]
    version: int
    card: UUID | None


class TwinDetail(Struct, frozen=True):
    """Everything the panel shows of one twin."""

    id: str
    type: str
    name: str
    commune: str
    street: str | None
    lon: float
    lat: float
    part_of: str | None
    gateway: str | None
    attributes: dict[str, AttributeValue]
    state: dict[str, StateValue]
    holds: list[Hold]
    alarms: list[Alarm]
    parts: dict[str, int]


class TwinTable(Struct, frozen=True):
    """All visible twins of a type, in columns."""

    row: list[int]
    id: list[str]
    name: list[str]
    commune: list[str]
    street: list[str | None]
    attributes: dict[str, list[AttributeValue]]


class ValuesOverTime(Struct, frozen=True):
    """Values over time; `sampled` when each span shows only its lowest and its highest."""

    property: str
    t: list[float]
    v: list[float | None]
    sampled: bool


class RollUpsOverTime(Struct, frozen=True):
    """Hours or local days that are over, in columns; `t`: their begin. Good readings only."""

    property: str
    by: Literal["hour", "day"]
    t: list[float]
    n: list[int]
    mean: list[float]
    lowest: list[float]
    highest: list[float]


class SearchHit(Struct, frozen=True, omit_defaults=True):
    """Something found by its name; `type` for twins only; an address or crossing has no id of its own."""

    kind: Literal["twin", "street", "commune", "address"]
    id: str
    label: str
    detail: str
    lon: float
    lat: float
    type: str | None = None


class CommandBody(Struct, frozen=True):
    """What a person asks for."""

    key: str
    targets: Selection
    payload: Payload
    idempotency_key: UUID
    reason: str = ""
    expires_s: int = 120
    precondition: Precondition | None = None

    def to_request(self) -> CommandRequest:
        return CommandRequest(
            self.key,
            self.targets,
            self.payload,
            self.reason,
            self.expires_s,
            self.idempotency_key,
            self.precondition,
        )


class RefusalCount(Struct, frozen=True):
    """How many targets would be refused for one reason."""

    key: str
    count: int


class CommuneCount(Struct, frozen=True):
    """How many targets lie in one commune."""

    commune: str
    count: int


class DryRunShape(Struct, frozen=True):
    """What an order would do."""

    count: int
    refused: list[RefusalCount]
    by_commune: list[CommuneCount]
    risk_class: RiskClass
    needs_reason: bool
    needs_approval: bool
    sample: tuple[str, ...]


class Act(Command, frozen=True):
    """A command with what became of one of its targets."""

    target_state: str
    target_reason: str | None


class CommandTarget(Struct, frozen=True):
    """One target of a command."""

    id: str
    name: str
    state: str
    reason: str | None
    sent_at: datetime | None
    done_at: datetime | None


class DeadLetterShape(Struct, frozen=True):
    """A message that could not be understood; `payload` is its beginning, as text."""

    id: UUID
    received_at: datetime
    driver: str
    source: str
    topic: str
    reason: str
    detail: str
    repeated: int
    replayed_at: datetime | None
    payload: str
