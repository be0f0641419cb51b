"""What hangs on an incident: sources, merge and split, objects of the city, files."""

from collections.abc import Sequence
from uuid import UUID

from ondijon.control_room.incidents.commands import (
    AddSource,
    AttachFile,
    LinkAsset,
    MergeIncident,
    SplitIncident,
)
from ondijon.control_room.incidents.desk.case import Case, advance, look_up, save, take_up, tell, write_text
from ondijon.control_room.incidents.desk.catalogue import list_types
from ondijon.control_room.incidents.desk.opening import Draft, add_card, add_source, find_open, write_incident
from ondijon.control_room.incidents.desk.place import Located, find_card, must_see_twin
from ondijon.control_room.incidents.model import OPEN, CurrentType, Step
from ondijon.control_room.incidents.queries import city as city_queries
from ondijon.control_room.incidents.queries import parts
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.ports import Row
from ondijon.kernel.room import ActDesk


async def add_one_source(desk: ActDesk, asked: AddSource) -> dict[str, int]:
    """The incident is known from there too; twice has the effect of once."""
    if asked.kind == "alarm":
        return await _add_alarm(desk, asked)
    case = await take_up(desk, asked.id, Step.ADD)
    source = str(_id_of(asked.source)) if asked.kind in ("call", "incident") else asked.source
    payload = {"kind": asked.kind, "source": source}
    if asked.kind == "incident":
        await look_up(desk, UUID(source))
    elif asked.kind == "call":
        payload["call"] = source
    if await add_source(desk, case, asked.kind, source):
        await save(desk, case)
        tell(desk, case, "linked", payload)
    return {}


async def _add_alarm(desk: ActDesk, asked: AddSource) -> dict[str, int]:
    """A card hangs on an open incident, if this one was merged then on the other; what is over is not revived."""
    card = await find_card(desk, _id_of(asked.source))
    case = await find_open(desk, asked.id)
    if case is None:
        raise Refused("error.incident_over")
    former = await find_open(desk, card.incident) if card.incident is not None else None
    if former is not None and former.id != case.id:
        raise Refused("error.card_has_incident")
    if former is None:
        await add_card(desk, case, card)
        await save(desk, case)
        tell(desk, case, "linked", {"kind": "alarm", "source": str(card.id), "card": str(card.id)})
    return {}


def _id_of(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("error.not_found") from error


async def merge(desk: ActDesk, asked: MergeIncident) -> dict[str, str]:
    """It is the same as another open one, which gets everything that hangs on it."""
    if asked.id == asked.into:
        raise Refused("error.merge_with_itself")
    for incident in sorted((asked.id, asked.into)):  # always in this order: two merges never wait for each other
        await look_up(desk, incident)
    case = await take_up(desk, asked.id, Step.MERGE, asked.version)
    into = await take_up(desk, asked.into, Step.ADD)
    if into.course.state not in OPEN:
        raise Refused("error.merge_into_closed", number=into.number)
    calls = await _move_sources(desk, case, into, await parts.list_sources(desk.tx, case.id), "merge")
    await add_source(desk, into, "incident", str(case.id))
    for move in (parts.copy_assets, parts.move_participants, parts.move_files, parts.point_merged_at):
        await move(desk.tx, case.id, into.id)
    await advance(desk, case, Step.MERGE, merged_into=into.id)
    await save(desk, into)
    written = await write_text(desk, case, "merged", asked.reason)
    there = {"into": str(into.id), "into_number": into.number, "calls": calls}
    tell(desk, case, "merged", {**there, **written})
    tell(desk, into, "absorbed", {"from": str(case.id), "from_number": case.number})
    _tell_linked(desk, into, calls)
    return {"into": str(into.id)}


async def split(desk: ActDesk, asked: SplitIncident) -> dict[str, str]:
    """Some sources are about something else: they go to a new incident at the same place."""
    case = await take_up(desk, asked.id, Step.SPLIT, asked.version)
    held = {row["id"]: row for row in await parts.list_sources(desk.tx, case.id)}
    wanted = list(dict.fromkeys(asked.sources))
    if any(source not in held for source in wanted):
        raise NotFound("error.source_not_found")
    fresh = await write_incident(desk, await _draft_of(desk, case, asked.title))
    chosen = [held[source] for source in wanted]
    calls = await _move_sources(desk, case, fresh, chosen, "split")
    merged = [UUID(row["source"]) for row in chosen if row["kind"] == "incident"]
    await parts.set_merged_into(desk.tx, merged, case.id, fresh.id)
    await save(desk, case)
    written = await write_text(desk, case, "split", asked.reason)
    facts = {"type": case.row["type"], "severity": case.row["severity"], "from": str(case.id)}
    tell(desk, fresh, "opened", {**facts, "from_number": case.number})
    tell(desk, case, "split", {"new": str(fresh.id), "new_number": fresh.number, "sources": len(chosen), **written})
    _tell_linked(desk, fresh, calls)
    return {"id": str(fresh.id), "number": fresh.number}


async def _draft_of(desk: ActDesk, case: Case, title: str) -> Draft:
    """The same type, severity and place; a type that has left the catalogue cannot be split off."""
    row = case.row
    for current in await list_types(desk):
        if current.type.key == row["type"]:
            place = Located(row["lon"], row["lat"], row["commune"], row["street"], row["address"], row["twin"])
            return Draft(CurrentType(current.version, current.type), row["severity"], title, "", place)
    raise Refused("error.incident_type_unknown", type=row["type"])


async def _move_sources(desk: ActDesk, old: Case, new: Case, sources: Sequence[Row], step: str) -> list[str]:
    """Hang sources on another incident, their cards with them; returns the calls among them."""
    moves = [(desk.new_id(), row["id"]) for row in sources]
    if moves:
        await parts.move_sources(desk.tx, moves, old.id, new.id, step, desk.actor.pseudonym, desk.now)
    await _move_cards(desk, new, [row for row in sources if row["kind"] == "alarm"])
    return sorted({row["source"] for row in sources if row["kind"] == "call"})


async def _move_cards(desk: ActDesk, new: Case, sources: Sequence[Row]) -> None:
    for row in sources:
        card = await city_queries.lock_card(desk.tx, UUID(row["source"]))
        if card is not None:
            await city_queries.set_card_incident(desk.tx, card["id"], new.id)
            for commune in card["by_commune"]:
                desk.announce("alarms", f"card:{card['id']}", card["trade"], commune)


def _tell_linked(desk: ActDesk, case: Case, calls: list[str]) -> None:
    """Whoever keeps calls knows where each belongs now."""
    for call in calls:
        tell(desk, case, "linked", {"kind": "call", "source": call, "call": call})


async def link_asset(desk: ActDesk, asked: LinkAsset) -> dict[str, int]:
    """An object of the city belongs to it; twice has the effect of once."""
    case = await take_up(desk, asked.id, Step.ADD)
    must_see_twin(desk, asked.twin)
    if await parts.add_asset(desk.tx, case.id, asked.twin, desk.actor.pseudonym, desk.now):
        await save(desk, case)
        tell(desk, case, "asset_linked", _name_of(desk, asked.twin))
    return {}


async def unlink_asset(desk: ActDesk, asked: LinkAsset) -> dict[str, int]:
    """An object does not belong to it after all."""
    case = await take_up(desk, asked.id, Step.DROP)
    must_see_twin(desk, asked.twin)
    if not await parts.drop_asset(desk.tx, case.id, asked.twin):
        raise NotFound("error.twin_not_found", id=asked.twin)
    await save(desk, case)
    tell(desk, case, "asset_unlinked", _name_of(desk, asked.twin))
    return {}


def _name_of(desk: ActDesk, urn: str) -> dict[str, str]:
    twins, row = desk.city.get_twin(urn)
    return {"twin": urn, "asset": twins.records[row].name}


async def attach_file(desk: ActDesk, asked: AttachFile) -> dict[str, str]:
    """A file that this person has just sent belongs to it."""
    case = await take_up(desk, asked.id, Step.ADD)
    row = await parts.attach_file(desk.tx, asked.file, case.id, desk.actor.pseudonym)
    if row is None:
        raise NotFound("error.file_not_found")
    await save(desk, case)
    tell(desk, case, "file_added", {"file": str(asked.file), "media_type": row["media_type"]})
    return {"id": str(asked.file)}
