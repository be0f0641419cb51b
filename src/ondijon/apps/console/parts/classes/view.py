"""Puts classes, floors, policies and adaptive light together for one reader."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ondijon.apps.console.parts.classes import queries
from ondijon.apps.console.parts.classes.shapes import (
    ClassShape,
    CommuneFloorShape,
    CommuneShape,
    FloorShape,
    FloorsShape,
    LedgerShape,
    LedgerStreetShape,
    PolicyShape,
    RequirementShape,
    SaidShape,
    SteeredShape,
    StreetShape,
    SwitchShape,
    ZoneShape,
)
from ondijon.domains.lighting.model import TRADE
from ondijon.domains.lighting.queries.classes import list_commune_floors, list_floors
from ondijon.domains.lighting.queries.policies import to_policy
from ondijon.domains.lighting.rules.classes import CLASSES, REQUIREMENTS, LightingClass
from ondijon.domains.lighting.rules.floors import ClassFloor, make_table
from ondijon.domains.lighting.rules.policies import PolicyState, is_in_force
from ondijon.kernel.identity import Actor
from ondijon.kernel.ports import Row, Rows

STEERED_WITHIN = timedelta(days=2)
NOON = timedelta(hours=12)


async def list_communes(rows: Rows, communes: Sequence[str], now: datetime, timezone: str) -> list[CommuneShape]:
    """Every commune's lights by class."""
    classes: dict[str, list[ClassShape]] = {}
    for row in await queries.list_classes(rows, communes):
        shape = ClassShape(row["class"], row["lights"], row["floor_pct"], row["floor_most_pct"])
        classes.setdefault(row["commune"], []).append(shape)
    policies = [to_policy(row) for row in await queries.list_policies(rows, communes)]
    night, minute = _night_and_minute(now, timezone)
    in_force = [policy.commune for policy in policies if is_in_force(policy, night, minute)]
    return [
        CommuneShape(
            commune=row["commune"],
            lights=row["lights"],
            inferred=row["inferred"],
            on_crossing=row["on_crossing"],
            said=row["said"],
            classes=classes.get(row["commune"], []),
            adaptive=_switch(row),
            policies=in_force.count(row["commune"]),
        )
        for row in await queries.list_communes(rows, communes)
    ]


def _switch(row: Row) -> SwitchShape | None:
    if row["is_on"] is None:
        return None
    return SwitchShape(row["is_on"], row["reason"], row["seeded"], row["set_at"], row["set_by"])


def _night_and_minute(now: datetime, timezone: str) -> tuple[date, int]:
    local = now.astimezone(ZoneInfo(timezone))
    return (local.replace(tzinfo=None) - NOON).date(), local.hour * 60 + local.minute


async def list_streets(rows: Rows, commune: str) -> list[StreetShape]:
    """The lit streets of a commune, by name."""
    return [
        StreetShape(
            street=row["street"],
            street_class=row["street_class"],
            lighting_class=row["class"],
            said=_said(row),
            inferred=row["inferred"],
            lights=row["lights"],
            on_crossing=row["on_crossing"],
            classes=list(row["classes"]),
            floor_pct=row["floor_pct"],
            vehicles_per_day=row["vehicles_per_day"],
            counted_year=row["counted_year"],
        )
        for row in await queries.list_streets(rows, commune)
    ]


def _said(row: Row) -> SaidShape | None:
    if row["said_class"] is None:
        return None
    return SaidShape(row["said_class"], row["said_reason"], row["said_at"], row["said_by"])


async def list_all_floors(rows: Rows, communes: Sequence[str]) -> FloorsShape:
    """What the standard requires, what must be kept, what communes ask for beyond."""
    required = [
        RequirementShape(
            name.value, REQUIREMENTS[name].quantity, REQUIREMENTS[name].maintained, REQUIREMENTS[name].source
        )
        for name in CLASSES
    ]
    kept = {row["class"]: row for row in await list_floors(rows)}
    known = [
        ClassFloor(name, LightingClass(kept[name]["kept"]), kept[name]["source"]) for name in CLASSES if name in kept
    ]
    pct = make_table(known, (), ("",)).pct[:, 0, 0].tolist()
    floors = [
        FloorShape(floor.lighting_class.value, floor.kept.value, pct[CLASSES.index(floor.lighting_class)], floor.source)
        for floor in known
    ]
    asked = [
        CommuneFloorShape(row["commune"], row["class"], row["crossings_only"], row["least_pct"], row["source"])
        for row in await list_commune_floors(rows)
        if row["commune"] in communes
    ]
    return FloorsShape(required, floors, asked)


async def list_policies(
    rows: Rows, communes: Sequence[str], actor: Actor, now: datetime, timezone: str
) -> list[PolicyShape]:
    """Policies, and what the reader may do with each."""
    return [_policy(row, actor, now, timezone) for row in await queries.list_policies(rows, communes)]


def _policy(row: Row, actor: Actor, now: datetime, timezone: str) -> PolicyShape:
    policy = to_policy(row)
    night, minute = _night_and_minute(now, timezone)
    copied = ("from_min", "to_min", "least_pct", "since", "until", "reason", "legal_note", "proposed_at", "decided_at")
    return PolicyShape(
        id=policy.id,
        commune=policy.commune,
        classes=[name.value for name in policy.classes],
        crossings=policy.crossings,
        state=policy.state.value,
        in_force=is_in_force(policy, night, minute),
        proposed_by=row["proposed_name"],
        decided_by=row["decided_name"],
        decision_reason=row["decision_reason"],
        revoked_by=row["revoked_name"],
        revoked_at=row["revoked_at"],
        revocation_reason=row["revocation_reason"],
        may=_may(policy.state, row, actor),
        **{name: row[name] for name in copied},
    )


def _may(state: PolicyState, row: Row, actor: Actor) -> list[str]:
    approves = actor.may("approve", TRADE, row["commune"])
    if state is PolicyState.PROPOSED and approves:
        return ["reject"] if row["proposed_by"] == actor.pseudonym else ["authorise", "reject"]
    if state is PolicyState.AUTHORISED and actor.may("configure", TRADE, row["commune"]):
        return ["revoke"]
    return []


async def list_steered(rows: Rows, commune: str, now: datetime) -> SteeredShape:
    """The last decision on each zone."""
    lights = await queries.count_zone_lights(rows, commune)
    zones = []
    for row in await queries.list_steered(rows, commune, now - STEERED_WITHIN):
        zone, outcome = row["zone"], row["outcome"]
        count = lights.get((zone["street"], zone["designed"]), 0)
        zones.append(
            ZoneShape(
                zone["key"], zone["street"], zone["designed"], count, outcome["level_pct"], outcome["cause"], row["at"]
            )
        )
    return SteeredShape(now, zones)


async def read_ledger(rows: Rows, communes: Sequence[str]) -> LedgerShape:
    """The year that was played last."""
    found = await queries.list_ledger(rows, communes)
    streets = [LedgerStreetShape(**{name: row[name] for name in LedgerStreetShape.__struct_fields__}) for row in found]
    return LedgerShape(found[0]["played"] if found else None, streets)
