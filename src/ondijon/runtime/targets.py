"""From a request to what each target will be asked: selection, rights, the trade's decision, risk."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Floats, Ints32
from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock
from ondijon.kernel.commands import CommandRequest, DryRun, Payload, RiskClass, check_request, classify
from ondijon.kernel.errors import NotAllowed, Refused
from ondijon.kernel.identity import Actor
from ondijon.kernel.manifest import CommandSpec, DecisionView, Field, HoldGroup
from ondijon.kernel.selection import select_rows

SAMPLE = 20


class Plan(Struct, frozen=True, eq=False):
    """What a request comes to; wanted has shape (properties of the hold group, targets), None = release."""

    spec: CommandSpec
    twin_type: str
    rows: Ints32
    refusal: Ints32
    refusal_keys: tuple[str, ...]
    wanted: Floats | None
    risk_class: RiskClass
    communes: tuple[str, ...]
    hold_s: int | None


def get_hold_group(city: City, twin_type: str, key: str) -> HoldGroup:
    """The declaration of a type's hold group; raises Refused."""
    for group in city.types[twin_type].hold_groups:
        if group.key == key:
            return group
    raise Refused("error.unknown_command", key=key)


def check_payload(fields: Sequence[Field], payload: Payload) -> None:
    """Refuse a payload with a field missing, unknown, or out of its declared bounds."""
    known = {field.key: field for field in fields}
    for key in payload:
        if key not in known:
            raise Refused("error.bad_payload", field=key)
    for field in fields:
        value = payload.get(field.key)
        if value is None:
            if not field.optional:
                raise Refused("error.bad_payload", field=field.key)
        elif not _fits(field, value):
            raise Refused("error.bad_payload", field=field.key)


def _fits(field: Field, value: float | int | str | bool) -> bool:
    if field.kind == "choice":
        return value in field.choices
    if field.kind == "text":
        return isinstance(value, str)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    low = float("-inf") if field.min is None else field.min
    high = float("inf") if field.max is None else field.max
    return low <= value <= high


def plan_request(city: City, clock: Clock, actor: Actor, request: CommandRequest) -> Plan:
    """Resolve and decide; raises Refused, NotFound, or NotAllowed when nothing selected is the actor's to command."""
    check_request(request)
    spec = city.commands.get(request.key)
    if spec is None:
        raise Refused("error.unknown_command", key=request.key)
    check_payload(spec.fields, request.payload)
    if request.precondition is not None:
        watched, _ = city.get_twin(request.precondition.twin)
        city.get_property(watched.twin_type, request.precondition.property)
    twin_type = spec.twin_types[0]
    twins = city.twins[twin_type]
    rows = only_allowed(city, actor, twin_type, select_rows(city, twin_type, request.targets))
    decision = spec.decide(DecisionView(city.columns[twin_type], twins, clock.now_us()), rows, request.payload)
    group = get_hold_group(city, twin_type, spec.hold_group)
    wanted = None
    if decision.wanted is not None:
        unasked = np.full(len(rows), np.nan)
        wanted = np.stack([decision.wanted.get(key, unasked) for key in group.properties])
    hold = request.payload.get(spec.hold_field) if spec.hold_field else None
    accepted = int(np.count_nonzero(decision.refusal < 0))
    codes = np.unique(twins.commune[rows])
    return Plan(
        spec=spec,
        twin_type=twin_type,
        rows=rows,
        refusal=decision.refusal,
        refusal_keys=decision.refusal_keys,
        wanted=wanted,
        risk_class=classify(spec.risk_class, accepted),
        communes=tuple(city.commune_codes[code] for code in codes.tolist()),
        hold_s=int(hold) if isinstance(hold, int | float) else None,
    )


def only_allowed(city: City, actor: Actor, twin_type: str, rows: Ints32) -> Ints32:
    """The rows that the actor may command; raises NotAllowed when none is left."""
    allowed = actor.communes_for("command", city.trade_of[twin_type], city.commune_codes)
    codes = [code for code, insee in enumerate(city.commune_codes) if insee in allowed]
    mine = rows[np.isin(city.twins[twin_type].commune[rows], codes)]
    if not len(mine):
        raise NotAllowed("error.not_allowed", verb="command", trade=city.trade_of[twin_type])
    return mine


def describe(city: City, plan: Plan) -> DryRun:
    """The plan in figures, for the person who is about to ask."""
    twins = city.twins[plan.twin_type]
    refused = Counter(plan.refusal_keys[index] for index in plan.refusal[plan.refusal >= 0].tolist())
    accepted = plan.rows[plan.refusal < 0]
    numbers = np.bincount(twins.commune[accepted], minlength=len(city.commune_codes))
    return DryRun(
        count=len(accepted),
        refused=dict(refused),
        by_commune={city.commune_codes[code]: int(n) for code, n in enumerate(numbers) if n},
        risk_class=plan.risk_class,
        needs_reason=plan.risk_class >= RiskClass.VISIBLE,
        needs_approval=plan.risk_class >= RiskClass.TWO_PERSONS,
        sample=tuple(twins.records[row].id for row in accepted[:SAMPLE].tolist()),
    )


def as_lists(wanted: Floats | None, count: int) -> list[list[float | None] | None]:
    """Wanted values by target, as the rows keep them (None inside = not asked, None outside = release)."""
    if wanted is None:
        return [None] * count
    columns = [[None if value != value else value for value in values.tolist()] for values in wanted]
    return [list(values) for values in zip(*columns, strict=True)]
