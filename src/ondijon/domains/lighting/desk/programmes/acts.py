"""The acts on programmes: drafted, proposed, published by a second person or rejected, withdrawn, ended."""

import asyncio
from typing import Any

from msgspec import Struct, to_builtins

from ondijon.domains.lighting.desk.programmes.asked import DraftProgramme, JudgeProgramme, OnProgramme
from ondijon.domains.lighting.desk.programmes.case import Case, announce, demand_each, save, take_up, tell
from ondijon.domains.lighting.desk.programmes.resolving import resolve_cabinets
from ondijon.domains.lighting.desk.programmes.situation import Situation, load_situation
from ondijon.domains.lighting.queries import programmes as queries
from ondijon.domains.lighting.rules.programmes.checks import check_content, communes_named, communes_of
from ondijon.domains.lighting.rules.programmes.law import State, Step
from ondijon.domains.lighting.rules.programmes.lights import rows_in
from ondijon.domains.lighting.rules.programmes.local_times import night_of
from ondijon.domains.lighting.rules.programmes.model import Content
from ondijon.domains.lighting.rules.programmes.preview import YEAR_NIGHTS
from ondijon.domains.lighting.rules.programmes.trial import try_content
from ondijon.kernel.errors import Refused
from ondijon.kernel.room import ActDesk

_NAMED_STREETS = 3


class Meant(Struct, frozen=True):
    """The lights that a content means: in which communes, how many."""

    communes: list[str]
    lights: int


async def draft(desk: ActDesk, asked: DraftProgramme) -> dict[str, Any]:
    """A new draft, or a draft as a whole anew."""
    if asked.id is not None:
        return await _edit(desk, asked)
    demand_each(desk, "configure", communes_named(asked.content.scope, desk.city.commune_codes))
    meant = _meant(asked.content, await load_situation(desk.city, desk.tx))
    demand_each(desk, "configure", meant.communes)
    await queries.lock_programmes(desk.tx)
    key = asked.content.key
    published = await queries.find_published(desk.tx, key)
    if published is not None:
        demand_each(desk, "configure", published["communes"])
        _must_keep_layer(published["layer"], asked.content)
    if await queries.find_open(desk.tx, key) is not None:
        raise Refused("lighting.refusal.open_version", programme=key)
    row = {
        "id": desk.new_id(),
        "key": key,
        "number": await queries.next_number(desk.tx, key),
        "state": State.DRAFT.value,
        "layer": asked.content.layer,
        "content": to_builtins(asked.content),
        "communes": meant.communes,
        "lights": meant.lights,
        "drafted_by": desk.actor.pseudonym,
        "drafted_at": desk.now,
        "changed_by": desk.actor.pseudonym,
    }
    await queries.insert(desk.tx, row)
    tell(desk, row, "programme_drafted")
    announce(desk, key, meant.communes)
    return {"id": row["id"], "number": row["number"], "version": 1}


async def _edit(desk: ActDesk, asked: DraftProgramme) -> dict[str, Any]:
    if asked.id is None or asked.version is None:
        raise Refused("lighting.refusal.no_version")
    case = await take_up(desk, asked.id, asked.version, Step.EDIT, "configure")
    meant = _meant(asked.content, await load_situation(desk.city, desk.tx))
    demand_each(desk, "configure", meant.communes)
    if asked.content.key != case.row["key"]:
        raise Refused("lighting.refusal.other_key", programme=case.row["key"])
    _must_keep_layer(case.row["layer"], asked.content)
    content = to_builtins(asked.content)
    version = await save(desk, case, content=content, communes=meant.communes, lights=meant.lights)
    return {"id": case.id, "number": case.row["number"], "version": version}


def _must_keep_layer(layer: str, content: Content) -> None:
    if content.layer != layer:
        raise Refused("lighting.refusal.other_layer", layer=layer)


def _meant(content: Content, situation: Situation) -> Meant:
    lights = check_content(content, situation.lights)
    return Meant(communes_of(lights, situation.lights), int(lights.sum()))


async def propose(desk: ActDesk, asked: JudgeProgramme) -> dict[str, int]:
    """Lay a draft before a second person."""
    case = await take_up(desk, asked.id, asked.version, Step.PROPOSE, "configure")
    tell(desk, case.row, "programme_proposed")
    version = await save(desk, case, proposed_by=desk.actor.pseudonym, proposed_at=desk.now, reason=asked.reason)
    return {"version": version}


async def publish(desk: ActDesk, asked: OnProgramme) -> dict[str, int]:
    """Put a proposal in force: by another person, and only where no floor is gone below without a policy."""
    case = await take_up(desk, asked.id, asked.version, Step.PUBLISH, "approve")
    situation = await load_situation(desk.city, desk.tx)
    # The inventory may have moved on since it was drafted.
    meant = _meant(case.content, situation)
    demand_each(desk, "approve", meant.communes)
    await _must_keep_floors(desk, situation, case.content)
    await _must_fit_gateways(desk, situation, case)
    former = await queries.find_published(desk.tx, case.row["key"])
    if former is not None:
        over = {
            "state": State.SUPERSEDED.value,
            "over_by": desk.actor.pseudonym,
            "over_at": desk.now,
            "resolved_at": None,
        }
        await queries.save(desk.tx, former["id"], over | {"changed_by": desk.actor.pseudonym})
        tell(desk, former, "programme_superseded")
    written = {"communes": meant.communes, "lights": meant.lights}
    version = await save(desk, case, decided_by=desk.actor.pseudonym, decided_at=desk.now, **written)
    tell(desk, {**case.row, **written}, "programme_published", lights=meant.lights)
    return {"version": version, "lights": meant.lights}


async def _must_keep_floors(desk: ActDesk, situation: Situation, content: Content) -> None:
    """Raise Refused where the content asks for less than a floor that no policy lifts, in the nights of the preview.

    What a gateway stores beyond them is held up at the floor when it is compiled, until a policy reaches so far.
    """
    tonight = night_of(desk.now, desk.city.card.timezone)
    trial = await asyncio.to_thread(try_content, situation.ground(tonight, YEAR_NIGHTS), content)
    found = trial.under_floor()
    if found:
        raise Refused(
            "lighting.refusal.under_floor",
            lights=sum(one.lights for one in found),
            streets=len({(one.commune, one.street) for one in found}),
            classes=", ".join(sorted({one.lighting_class or "?" for one in found})),
            where=", ".join(one.street or one.commune for one in found[:_NAMED_STREETS]),
        )


async def _must_fit_gateways(desk: ActDesk, situation: Situation, case: Case) -> None:
    """Raise Refused where a gateway could not store what it would be given: better here than after the publication."""
    tonight = night_of(desk.now, desk.city.card.timezone)
    meant = rows_in(case.content.scope, situation.lights)
    concerned = [cabinet for cabinet in situation.cabinets if meant[cabinet.lights].any()]
    after = situation.with_version(case.row, case.content)
    await asyncio.to_thread(resolve_cabinets, after, concerned, {}, tonight)


async def reject(desk: ActDesk, asked: JudgeProgramme) -> dict[str, int]:
    """Turn a proposal down, with a reason."""
    case = await take_up(desk, asked.id, asked.version, Step.REJECT, "approve")
    tell(desk, case.row, "programme_rejected")
    return {"version": await _decide(desk, case, asked.reason)}


async def _decide(desk: ActDesk, case: Case, reason: str) -> int:
    decided = {"decided_by": desk.actor.pseudonym, "decided_at": desk.now, "decision_reason": reason}
    return await save(desk, case, **decided)


async def withdraw(desk: ActDesk, asked: JudgeProgramme) -> dict[str, int]:
    """Take a version back: what lies below it is in force again. The last programme of the metropolis stays."""
    case = await take_up(desk, asked.id, asked.version, Step.WITHDRAW)
    if case.row["state"] == State.PUBLISHED and case.row["layer"] == "metropolis":
        others = [row for row in await queries.list_published(desk.tx) if row["layer"] == "metropolis"]
        if len(others) == 1:
            raise Refused("lighting.refusal.last_default")
    tell(desk, case.row, "programme_withdrawn")
    return {"version": await _be_over(desk, case, asked.reason)}


async def end_special_evening(desk: ActDesk, asked: JudgeProgramme) -> dict[str, int]:
    """End a special evening before its time; the lights go on as if it had not been."""
    case = await take_up(desk, asked.id, asked.version, Step.END, "command")
    if case.row["layer"] != "special":
        raise Refused("lighting.refusal.not_special")
    tell(desk, case.row, "special_evening_ended")
    return {"version": await _be_over(desk, case, asked.reason)}


async def _be_over(desk: ActDesk, case: Case, reason: str) -> int:
    over = {"over_by": desk.actor.pseudonym, "over_at": desk.now, "decision_reason": reason, "resolved_at": None}
    return await save(desk, case, **over)
