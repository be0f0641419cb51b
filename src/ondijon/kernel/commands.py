"""A command is confirmed when the device reports the wanted state, never when it was sent.

The law, for a command's target:
    requested -> sent | accepted | refused | expired | failed   (a device's word proves the sending)
    sent      -> accepted | confirmed | refused | failed | expired | unknown
    accepted  -> confirmed | failed | unknown
    unknown   -> confirmed            (a device that answers after the deadline is reconciled)
Everything else is a state that stays.
"""

from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Literal
from uuid import UUID

from msgspec import Struct

from ondijon.kernel.errors import Refused


class TargetState(IntEnum):
    """Where one target of a command stands; stored as its number."""

    REQUESTED = 0
    SENT = 1
    ACCEPTED = 2
    CONFIRMED = 3
    REFUSED = 4
    FAILED = 5
    EXPIRED = 6
    UNKNOWN = 7


TARGET_LAW: dict[TargetState, frozenset[TargetState]] = {
    TargetState.REQUESTED: frozenset(
        {TargetState.SENT, TargetState.ACCEPTED, TargetState.REFUSED, TargetState.EXPIRED, TargetState.FAILED}
    ),
    TargetState.SENT: frozenset(
        {
            TargetState.ACCEPTED,
            TargetState.CONFIRMED,
            TargetState.REFUSED,
            TargetState.FAILED,
            TargetState.EXPIRED,
            TargetState.UNKNOWN,
        }
    ),
    TargetState.ACCEPTED: frozenset({TargetState.CONFIRMED, TargetState.FAILED, TargetState.UNKNOWN}),
    TargetState.UNKNOWN: frozenset({TargetState.CONFIRMED}),
    TargetState.CONFIRMED: frozenset(),
    TargetState.REFUSED: frozenset(),
    TargetState.FAILED: frozenset(),
    TargetState.EXPIRED: frozenset(),
}
OPEN_TARGET_STATES = frozenset({TargetState.REQUESTED, TargetState.SENT, TargetState.ACCEPTED})


def evolve_target(state: TargetState, following: TargetState) -> TargetState:
    """The next state of a target, or the same one when the law does not allow the step."""
    return following if following in TARGET_LAW[state] else state


class CommandState(StrEnum):
    """Where a whole command stands; the targets carry the detail."""

    AWAITING_APPROVAL = "awaiting_approval"
    REJECTED = "rejected"
    REQUESTED = "requested"
    SENT = "sent"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


def summarise(counts: dict[TargetState, int]) -> CommandState:
    """The state of a command from its targets: open ones first, then the worst end, confirmed only when all are."""
    for state in (
        TargetState.REQUESTED,
        TargetState.SENT,
        TargetState.ACCEPTED,
        TargetState.UNKNOWN,
        TargetState.FAILED,
        TargetState.EXPIRED,
    ):
        if counts.get(state, 0):
            return CommandState(state.name.lower())
    if counts.get(TargetState.CONFIRMED, 0):
        return CommandState.CONFIRMED
    return CommandState.REFUSED


SelectionKind = Literal["twins", "part_of", "street", "polygon", "commune", "all"]


class Selection(Struct, frozen=True):
    """Which twins a command is for: URNs, parents' URNs, street ids, commune codes, or what lies in a polygon."""

    kind: SelectionKind
    ids: tuple[str, ...] = ()
    rings: tuple[tuple[tuple[float, float], ...], ...] = ()


class RiskClass(IntEnum):
    """0 reversible, 1 visible, 2 select before operate, 3 two persons."""

    REVERSIBLE = 0
    VISIBLE = 1
    SELECT_BEFORE_OPERATE = 2
    TWO_PERSONS = 3


VISIBLE_ABOVE = 50
TWO_PERSONS_ABOVE = 500


def classify(base: RiskClass, count: int) -> RiskClass:
    """The risk class of a command on `count` devices: wide orders are never less than visible, then two persons."""
    if count > TWO_PERSONS_ABOVE:
        return RiskClass.TWO_PERSONS
    if count > VISIBLE_ABOVE:
        return max(base, RiskClass.VISIBLE)
    return base


class Precondition(Struct, frozen=True):
    """The command holds only while a twin's property lies within [at_least, at_most] (None = no bound)."""

    twin: str
    property: str
    at_least: float | None = None
    at_most: float | None = None

    def holds_for(self, value: float) -> bool:
        """Whether the value lies within; NaN, a value never heard, does not: unknown is unsafe."""
        low = value >= self.at_least if self.at_least is not None else value == value
        high = value <= self.at_most if self.at_most is not None else value == value
        return low and high


Payload = dict[str, float | int | str | bool | None]


class CommandRequest(Struct, frozen=True):
    """What a person or an automation asks of the post."""

    key: str
    targets: Selection
    payload: Payload
    reason: str
    expires_s: int
    idempotency_key: UUID
    precondition: Precondition | None = None


class Command(Struct, frozen=True):
    """A command as the post remembers it."""

    id: UUID
    key: str
    trade: str
    state: CommandState
    reason: str
    payload: Payload
    selection: Selection
    risk_class: RiskClass
    issuer: str
    approver: str | None
    requested_at: datetime
    approved_at: datetime | None
    expires_at: datetime
    undo_of: UUID | None
    undone_by: UUID | None
    counts: dict[str, int]


class DryRun(Struct, frozen=True):
    """What a request would do, before anybody asks for it; refused and by_commune count targets."""

    count: int
    refused: dict[str, int]
    by_commune: dict[str, int]
    risk_class: RiskClass
    needs_reason: bool
    needs_approval: bool
    sample: tuple[str, ...]


def check_request(request: CommandRequest) -> None:
    """Refuse a request no post could keep: an expiry outside 1 s to 24 h, or a text too long to be one."""
    if not 1 <= request.expires_s <= 86_400:
        raise Refused("error.bad_expiry", seconds=request.expires_s)
    if len(request.reason) > 2_000:
        raise Refused("error.reason_too_long", most=2_000)
