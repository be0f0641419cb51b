"""The acts on alarms and what time does to shelvings."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np

from ondijon.control_room.alarms import commands, queries, rules
from ondijon.kernel.alarms import AlarmStep
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.identity import Verb
from ondijon.kernel.ports import Row
from ondijon.kernel.room import ActDesk, check_reason
from ondijon.kernel.selection import select_rows
from ondijon.kernel.twins import TwinsOfType

Places = tuple[list[str], list[str]]


async def acknowledge(desk: ActDesk, asked: commands.Acknowledge) -> dict[str, int]:
    """Take note of what is named, as far as the actor's communes go."""
    rules.check_count(len(asked.cards) + len(asked.alarms))
    await queries.lock_alarms(desk.tx)
    places = await _places(desk, "acknowledge", asked.cards, asked.alarms)
    done = await queries.acknowledge(desk.tx, asked.cards, asked.alarms, places, desk.now, desk.actor.pseudonym)
    cards = sorted({row["card_id"] for row in done if row["card_id"] is not None})
    await _bring_into_step(desk, cards, "card.acknowledged")
    return {"acknowledged": len(done)}


async def shelve(desk: ActDesk, asked: commands.Shelve) -> dict[str, Any]:
    """Put a card aside until an instant, with a reason; its owner is the actor."""
    rules.shelve(rules.Shelving(), desk.now, asked.until)
    reason = check_reason(asked.reason, rules.LONGEST_REASON)
    await queries.lock_alarms(desk.tx)
    places = await _places(desk, "shelve", (asked.card,), ())
    found = await queries.list_to_shelve(desk.tx, asked.card, places)
    if not found:
        raise Refused("error.card_is_over")
    await queries.save_shelvings(
        desk.tx,
        [desk.new_id() for _ in found],
        [row["type"] for row in found],
        [row["twin_no"] for row in found],
        (reason, desk.actor.pseudonym, desk.now, asked.until),
    )
    await _bring_into_step(desk, [asked.card], None, {"until": asked.until})
    return {}


async def unshelve(desk: ActDesk, asked: commands.Unshelve) -> dict[str, Any]:
    """Bring back before the end; what stands is annunciated afresh."""
    rules.check_count(len(asked.shelvings))
    await queries.lock_alarms(desk.tx)
    found = await queries.list_shelvings(desk.tx, asked.shelvings)
    if not found:
        raise NotFound("error.not_shelved")
    for trade, commune in {(row["trade"], row["commune"]) for row in found}:
        desk.demand("shelve", trade, commune, unseen="error.not_shelved")
    await _end_shelvings(desk, [row["id"] for row in found])
    return {}


async def end_due_shelvings(desk: ActDesk) -> None:
    """Time's own work: shelvings whose instant has come."""
    due = [row["id"] for row in await queries.list_due_shelvings(desk.tx, desk.now)]
    if due:
        await queries.lock_alarms(desk.tx)
        await _end_shelvings(desk, due)


async def dissolve(desk: ActDesk, asked: commands.Dissolve) -> dict[str, Any]:
    """Take alarms out of a group; they get cards of their own and are grouped no more while they stand."""
    check_reason(asked.reason, rules.LONGEST_REASON)
    await queries.lock_alarms(desk.tx)
    places = await _places(desk, "acknowledge", (asked.card,), ())
    card = next(iter(await queries.list_cards(desk.tx, [asked.card])))
    if card["kind"] == "single":
        raise Refused("error.card_is_single")
    taken = await queries.set_apart(desk.tx, asked.card, asked.alarms, places)
    if not taken:
        raise Refused("error.no_members")
    if asked.alarms is None:
        await queries.set_dissolved(desk.tx, asked.card)
    await _bring_into_step(desk, [asked.card], "card.dissolved", {"taken": len(taken)})
    return {}


async def regroup(desk: ActDesk, asked: commands.Regroup) -> dict[str, Any]:
    """Undo of dissolve: these may be grouped again."""
    rules.check_count(len(asked.alarms))
    await queries.lock_alarms(desk.tx)
    places = await _places(desk, "acknowledge", (), asked.alarms)
    done = await queries.set_together(desk.tx, asked.alarms, places)
    cards = sorted({row["card_id"] for row in done if row["card_id"] is not None})
    await _bring_into_step(desk, cards, "card.regrouped")
    return {}


async def reset(desk: ActDesk, asked: commands.Reset) -> dict[str, Any]:
    """Let latched alarms go; one whose condition still stands is refused."""
    rules.check_count(len(asked.alarms))
    await queries.lock_alarms(desk.tx)
    places = await _places(desk, "acknowledge", (), asked.alarms)
    done = await queries.move_alarms(desk.tx, AlarmStep.RESET, asked.alarms, places)
    if not done:
        raise Refused("error.not_latched")
    for row in done:
        desk.tell(
            "alarm.reset",
            trade=row["trade"],
            commune=row["commune"],
            twin=row["urn"],
            payload={"type": row["type"]},
        )
    await _bring_into_step(desk, sorted({row["card_id"] for row in done if row["card_id"]}), None)
    return {}


async def take_out_of_service(desk: ActDesk, asked: commands.TakeOutOfService) -> dict[str, Any]:
    """Raise nothing for a twin any more."""
    reason = check_reason(asked.reason, rules.LONGEST_REASON)
    if asked.until is not None:
        rules.check_end(desk.now, asked.until, rules.LONGEST_WORKS)
    twins, row = _get_seen_twin(desk, asked.twin)
    trade, commune = desk.city.trade_of[twins.twin_type], twins.records[row].commune
    desk.demand("configure", trade, commune)
    if asked.type is not None and asked.type not in _alarm_types(desk, twins.twin_type):
        raise Refused("error.unknown_alarm_type", type=asked.type[:64])
    silence = {
        "id": desk.new_id(),
        "kind": "out_of_service",
        "type": asked.type,
        "twin_nos": [int(twins.twin_no[row])],
        "trade": trade,
        "communes": [commune],
        "reason": reason,
        "owner": desk.actor.pseudonym,
        "since": desk.now,
        "until": asked.until,
    }
    await queries.insert_silence(desk.tx, silence)
    _tell_silence(desk, "silence.taken_out_of_service", silence, {"twins": 1, "until": asked.until}, asked.twin)
    return {"id": silence["id"]}


async def declare_works(desk: ActDesk, asked: commands.DeclareWorks) -> dict[str, Any]:
    """Raise nothing for these twins during works; only where the actor may configure."""
    reason = check_reason(asked.reason, rules.LONGEST_REASON)
    rules.check_end(desk.now, asked.until, rules.LONGEST_WORKS)
    if asked.since.tzinfo is None or asked.since >= asked.until:
        raise Refused("error.end_is_past")
    if asked.twin_type not in desk.city.twins:
        raise NotFound("error.type_not_found", type=asked.twin_type[:64])
    trade, twins = desk.city.trade_of[asked.twin_type], desk.city.twins[asked.twin_type]
    desk.demand("configure", trade, None, unseen="error.type_not_found")
    codes = desk.city.commune_codes
    mine = [code for code, insee in enumerate(codes) if desk.actor.may("configure", trade, insee)]
    if asked.targets.kind in ("twins", "part_of"):
        for urn in asked.targets.ids:
            _get_seen_twin(desk, urn)
    rows = select_rows(desk.city, asked.twin_type, asked.targets)
    rows = rows[np.isin(twins.commune[rows], mine)]
    if not len(rows):
        raise NotFound("error.no_targets")
    silence = {
        "id": desk.new_id(),
        "kind": "works",
        "type": None,
        "twin_nos": twins.twin_no[rows].tolist(),
        "trade": trade,
        "communes": [codes[code] for code in np.unique(twins.commune[rows]).tolist()],
        "reason": reason,
        "owner": desk.actor.pseudonym,
        "since": asked.since,
        "until": asked.until,
    }
    await queries.insert_silence(desk.tx, silence)
    payload = {"twins": len(rows), "twin_type": asked.twin_type, "since": asked.since, "until": asked.until}
    _tell_silence(desk, "works.declared", silence, payload)
    return {"id": silence["id"], "twins": len(rows)}


async def end_silence(desk: ActDesk, asked: commands.EndSilence) -> dict[str, Any]:
    """Raise alarms again before the end that was said."""
    row = await queries.lock_silence(desk.tx, asked.id)
    if row is None:
        raise NotFound("error.silence_not_found")
    for commune in row["communes"]:
        desk.demand("configure", row["trade"], commune, unseen="error.silence_not_found")
    await queries.end_silence(desk.tx, asked.id, desk.now, desk.actor.pseudonym)
    _tell_silence(desk, "silence.ended", row, {"kind": row["kind"]})
    return {}


def _get_seen_twin(desk: ActDesk, urn: str) -> tuple[TwinsOfType, int]:
    """A twin and its row; raises NotFound in the same words for one that may not be seen and one that is not there."""
    twins, row = desk.city.get_twin(urn)
    if not desk.actor.may("see", desk.city.trade_of[twins.twin_type], twins.records[row].commune):
        raise NotFound("error.twin_not_found", id=urn)
    return twins, row


async def _places(desk: ActDesk, verb: Verb, cards: Sequence[UUID], alarms: Sequence[UUID]) -> Places:
    """Where the actor may do it, among where the named alarms stand; as if what may not be seen were not there."""
    found = [(row["trade"], row["commune"]) for row in await queries.list_places(desk.tx, cards, alarms)]
    mine = [place for place in found if desk.actor.may(verb, *place)]
    seen = [place for place in found if desk.actor.may("see", *place)]
    if not seen:
        raise NotFound("error.alarm_not_found")
    desk.demand(verb, *(mine or seen)[0], unseen="error.alarm_not_found")
    return [trade for trade, _ in mine], [commune for _, commune in mine]


async def _end_shelvings(desk: ActDesk, ids: Sequence[UUID]) -> None:
    cards = await queries.end_shelvings(desk.tx, ids, desk.now, desk.actor.pseudonym)
    await _bring_into_step(desk, cards, None)


async def _bring_into_step(
    desk: ActDesk, cards: Sequence[UUID], key: str | None, more: Mapping[str, Any] | None = None
) -> None:
    """Count cards anew and tell `key` of each, then what the counting showed."""
    happened = await queries.refresh_cards(desk.tx, cards, desk.now)
    for card in await queries.list_cards(desk.tx, cards):
        keys = [key] if key else []
        keys += [f"card.{word}" for word in happened.get(card["id"], [])]
        _tell_card(desk, card, keys, more or {})


def _tell_card(desk: ActDesk, card: Row, keys: Iterable[str], more: Mapping[str, Any]) -> None:
    subject = f"card:{card['id']}"
    for key in keys:
        desk.tell(
            key,
            trade=card["trade"],
            commune=card["commune"],
            subject=subject,
            twin=card["urn"] or None,
            payload={
                "type": card["type"],
                "kind": card["kind"],
                "element": card["label"],
                "members": card["members"],
                "priority": card["priority"],
                **more,
            },
        )
    desk.announce("alarms", subject, card["trade"], card["commune"])


def _tell_silence(
    desk: ActDesk, key: str, silence: Mapping[str, Any], payload: Mapping[str, Any], twin: str | None = None
) -> None:
    subject = f"silence:{silence['id']}"
    for commune in silence["communes"]:
        desk.tell(key, trade=silence["trade"], commune=commune, subject=subject, twin=twin, payload=payload)
        desk.announce("alarms", subject, silence["trade"], commune)


def _alarm_types(desk: ActDesk, twin_type: str) -> set[str]:
    return {spec.key for manifest in desk.city.manifests for spec in manifest.alarms if spec.twin_type == twin_type}
