"""The acts that change what lights are: proposed, agreed to by another person when many, undone exactly."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.model import STREETLIGHT, TRADE
from ondijon.domains.lighting.queries import assets as queries
from ondijon.domains.lighting.rules import re_equipping as rules
from ondijon.domains.lighting.rules.re_equipping import State, Step
from ondijon.kernel.arrays import Ints32
from ondijon.kernel.city import City
from ondijon.kernel.commands import Selection
from ondijon.kernel.errors import NotAllowed, NotFound, Refused
from ondijon.kernel.identity import Actor, Verb
from ondijon.kernel.inventory import AttributeValue
from ondijon.kernel.ports import Row
from ondijon.kernel.privacy import DataClass, Privacy
from ondijon.kernel.room import ActDesk, ActSpec, Holding, JobSpec, check_reason
from ondijon.kernel.selection import select_rows

_PART = "lighting"
_UNSEEN = "error.re_equipment_not_found"


class ReEquip(Struct, frozen=True):
    """Give lights other equipment: values by attribute, and why."""

    targets: Selection
    values: dict[str, AttributeValue]
    reason: str


class Approve(Struct, frozen=True):
    """Agree to a change of equipment."""

    id: UUID


class Reasoned(Struct, frozen=True):
    """Refuse a change of equipment, or undo it, and why."""

    id: UUID
    reason: str


def select_lights(city: City, actor: Actor, targets: Selection) -> tuple[Ints32, int]:
    """The rows of the lights that the actor may configure, and how many of those seen are not theirs.

    Raises NotFound when nothing that is meant may be seen, NotAllowed when none of it is the actor's.
    """
    if STREETLIGHT.key not in city.twins:
        raise NotFound("error.type_not_found", type=STREETLIGHT.key)
    _must_see_named(city, actor, targets)
    twins = city.twins[STREETLIGHT.key]
    codes = city.commune_codes
    seen = [code for code, insee in enumerate(codes) if actor.may("see", TRADE, insee)]
    mine = [code for code, insee in enumerate(codes) if actor.may("configure", TRADE, insee)]
    rows = select_rows(city, STREETLIGHT.key, targets)
    rows = rows[np.isin(twins.commune[rows], seen)]
    if not len(rows):
        raise NotFound("error.no_targets")
    own = rows[np.isin(twins.commune[rows], mine)]
    if not len(own):
        raise NotAllowed("error.not_allowed", verb="configure", trade=TRADE, commune="*")
    return own, len(rows) - len(own)


def _must_see_named(city: City, actor: Actor, targets: Selection) -> None:
    """What may not be seen is answered as what does not exist."""
    for urn in targets.ids if targets.kind in ("twins", "part_of") else ():
        twins, row = city.get_twin(urn)
        if not actor.may("see", city.trade_of[twins.twin_type], twins.records[row].commune):
            raise NotFound("error.twin_not_found", id=urn)


async def re_equip(desk: ActDesk, asked: ReEquip) -> dict[str, Any]:
    """Apply at once up to 500 lights; above, propose to a second person."""
    desk.demand("configure", TRADE, None, unseen="error.type_not_found")
    values = rules.check_values(asked.values, desk.now.year)
    reason = check_reason(asked.reason, rules.LONGEST_REASON)
    rows, _ = select_lights(desk.city, desk.actor, asked.targets)
    twin_nos = desk.city.twins[STREETLIGHT.key].twin_no[rows].tolist()
    counted = await queries.list_differing(desk.tx, twin_nos, values)
    lights = sum(row["count"] for row in counted)
    if not lights:
        raise Refused("error.nothing_changes")
    waits = rules.needs_approval(lights)
    one = {
        "id": desk.new_id(),
        "state": State.PROPOSED if waits else State.APPLIED,
        "values": values,
        "reason": reason,
        "twin_nos": twin_nos,
        "communes": [row["commune"] for row in counted],
        "lights": lights,
        "proposed_by": desk.actor.pseudonym,
        "proposed_at": desk.now,
        "lapses_at": desk.now + rules.LAPSES_AFTER,
        "decided_at": None if waits else desk.now,
    }
    await queries.insert_re_equipment(desk.tx, one)
    if waits:
        _tell(desk, "lighting.re_equipment_proposed", one, counted)
    else:
        await _apply(desk, one)
    return {"id": one["id"], "state": one["state"], "lights": lights}


async def approve(desk: ActDesk, asked: Approve) -> dict[str, Any]:
    """A second person agrees: the values are written now, to the lights that still have others."""
    one = await _get(desk, asked.id, "approve")
    state = rules.evolve(State(one["state"]), Step.APPLY)
    if one["proposed_by"] == desk.actor.pseudonym:
        raise NotAllowed("error.self_approval")
    lights = await _apply(desk, one)
    await queries.count_lights(desk.tx, asked.id, lights)
    await queries.decide(desk.tx, asked.id, state, desk.actor.pseudonym, desk.now)
    return {"state": state, "lights": lights}


async def reject(desk: ActDesk, asked: Reasoned) -> dict[str, Any]:
    """A second person refuses, with a reason; nothing is written."""
    one = await _get(desk, asked.id, "approve")
    state = rules.evolve(State(one["state"]), Step.REJECT)
    reason = check_reason(asked.reason, rules.LONGEST_REASON)
    await queries.decide(desk.tx, asked.id, state, desk.actor.pseudonym, desk.now, reason)
    await _tell_all(desk, "lighting.re_equipment_rejected", one)
    return {"state": state}


async def undo(desk: ActDesk, asked: Reasoned) -> dict[str, Any]:
    """Give back each former value exactly; what somebody changed since stays as it is."""
    one = await _get(desk, asked.id, "configure")
    state = rules.evolve(State(one["state"]), Step.UNDO)
    reason = check_reason(asked.reason, rules.LONGEST_REASON)
    await queries.lock_inventory(desk.tx)
    kept = await queries.count_changed_since(desk.tx, asked.id)
    counted = await queries.restore_attributes(desk.tx, asked.id)
    await queries.restore_earlier_edits(desk.tx, asked.id, desk.now)
    await queries.drop_edits(desk.tx, asked.id)
    await queries.mark_undone(desk.tx, asked.id, desk.actor.pseudonym, desk.now, reason, kept)
    await queries.count_attributes_up(desk.tx)
    _tell(desk, "lighting.re_equipment_undone", one, counted)
    return {"state": state, "lights": sum(row["count"] for row in counted), "kept": kept}


async def lapse(desk: ActDesk) -> None:
    """Time's own work: nobody decided within a day."""
    for one in await queries.lock_lapsed(desk.tx, desk.now):
        state = rules.evolve(State(one["state"]), Step.LAPSE)
        await queries.decide(desk.tx, one["id"], state, desk.actor.pseudonym, desk.now)
        await _tell_all(desk, "lighting.re_equipment_lapsed", one)


async def _get(desk: ActDesk, re_equipment: UUID, verb: Verb) -> Row:
    """The change, locked, after the right was asked for in each of its communes."""
    one = await queries.lock_re_equipment(desk.tx, re_equipment)
    if one is None:
        raise NotFound(_UNSEEN)
    for commune in one["communes"]:
        desk.demand(verb, TRADE, commune, unseen=_UNSEEN)
    return one


async def _apply(desk: ActDesk, one: Row | Mapping[str, Any]) -> int:
    await queries.lock_inventory(desk.tx)
    await queries.write_journal(desk.tx, one["id"], one["twin_nos"], one["values"])
    await queries.write_edits(desk.tx, one["id"], desk.now)
    counted = await queries.write_attributes(desk.tx, one["id"])
    await queries.count_attributes_up(desk.tx)
    _tell(desk, "lighting.lights_re_equipped", one, counted)
    return sum(row["count"] for row in counted)


async def _tell_all(desk: ActDesk, key: str, one: Row) -> None:
    _tell(desk, key, one, await queries.list_differing(desk.tx, one["twin_nos"], one["values"]))


def _tell(desk: ActDesk, key: str, one: Row | Mapping[str, Any], counted: Sequence[Row]) -> None:
    """One fact a commune, so that each reads in its own logbook what was done on its ground."""
    subject = f"re_equipment:{one['id']}"
    for row in counted:
        desk.tell(key, trade=TRADE, commune=row["commune"], subject=subject, payload={"lights": row["count"]})
    for commune in one["communes"]:
        desk.announce(_PART, subject, TRADE, commune)


ACTS = (
    ActSpec("lighting.re_equip_lights", ReEquip, re_equip),
    ActSpec("lighting.approve_re_equipment", Approve, approve),
    ActSpec("lighting.reject_re_equipment", Reasoned, reject),
    ActSpec("lighting.undo_re_equipment", Reasoned, undo),
)
JOBS = (JobSpec("lighting.lapse_re_equipments", timedelta(minutes=1), lapse),)
# Free words may name people; the change and its values stay.
_WORDS = Privacy(DataClass.PERSONAL, "lighting.purpose.reasons", 3 * 365)
HOLDINGS = (
    Holding(
        "lighting.re_equipments",
        "lighting_re_equipments",
        ("reason", "decision_reason", "undo_reason"),
        "proposed_at",
        _WORDS,
    ),
)
