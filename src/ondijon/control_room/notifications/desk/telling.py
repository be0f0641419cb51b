"""Makes notices, tells people and contacts, and lets an unread notice climb."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from ondijon.control_room.notifications import queries
from ondijon.control_room.notifications.model import Draft, Escalation, Rung, Staff
from ondijon.control_room.notifications.rules.audience import (
    choose_leaders,
    choose_people,
    choose_ways,
    ways_of_contact,
)
from ondijon.control_room.notifications.rules.courses import (
    begin_escalation,
    evolve_over,
    evolve_unread,
)
from ondijon.control_room.notifications.rules.facts import (
    APPROVAL_AFTER,
    decide_draft,
    draft_of_card,
    draft_of_command,
    write_title,
)
from ondijon.kernel.alarms import Priority
from ondijon.kernel.errors import NotFound
from ondijon.kernel.events import Event
from ondijon.kernel.identity import Grant
from ondijon.kernel.ports import Row
from ondijon.kernel.room import ActDesk

PART = "notifications"
SEEN_WITHIN = timedelta(minutes=10)
MOST_AT_ONCE = 100
# Users have no language of their own yet.
LANGUAGE = "fr"
_FACTS = {Rung.LEADERS: "notification.passed_to_leaders", Rung.ON_CALL: "notification.passed_to_on_call"}


async def follow(desk: ActDesk, events: list[Event]) -> None:
    """Tell who should know of these facts."""
    staff = await _list_staff(desk)
    for event in events:
        draft = decide_draft(event, _names(desk))
        if draft is not None:
            await tell(desk, draft, staff)


async def watch(desk: ActDesk) -> None:
    """Alarms of priority 1 and orders that have waited too long for somebody."""
    urgent = [spec for one in desk.city.manifests for spec in one.alarms if spec.priority is Priority.URGENT]
    types, response_s = [spec.key for spec in urgent], [spec.response_s for spec in urgent]
    cards = await queries.list_unacknowledged(desk.tx, types, response_s, desk.now, MOST_AT_ONCE)
    commands = await queries.list_unapproved(desk.tx, desk.now - APPROVAL_AFTER, MOST_AT_ONCE)
    if cards or commands:
        staff, names = await _list_staff(desk), _names(desk)
        for draft in (
            *(draft_of_card(card, desk.now, names) for card in cards),
            *(draft_of_command(command, desk.now, names) for command in commands),
        ):
            await tell(desk, draft, staff)


async def escalate(desk: ActDesk) -> None:
    """Let what nobody reads climb, end what needs nobody any more, and tell of deliveries that were given up."""
    for row in await queries.lock_settled(desk.tx):
        await queries.save_escalation(desk.tx, row["id"], evolve_over(escalation_of(row)))
    due = await queries.lock_due(desk.tx, desk.now, MOST_AT_ONCE)
    staff = await _list_staff(desk) if due else []
    for row in due:
        await _climb(desk, row, staff)
    for row in await queries.take_failed(desk.tx, desk.now):
        payload = {"way": f"notifications.way.{row['way']}", "error": row["last_error"].partition(" ")[0]}
        desk.tell(
            "notification.given_up",
            trade=row["trade"],
            commune=row["commune"],
            subject=row["subject"],
            payload=payload,
        )


async def tell(desk: ActDesk, draft: Draft, staff: Sequence[Staff]) -> None:
    """Make a notice and tell its people; with nobody to tell it climbs as soon as it may."""
    notice = desk.new_id()
    escalation = begin_escalation(draft.urgent, desk.now)
    if await queries.insert_notice(desk.tx, notice, draft, escalation, desk.now):
        people = choose_people(draft, staff, desk.city.commune_codes)
        await _tell_people(desk, notice, draft, people)
        if draft.urgent and not people:
            await queries.save_escalation(desk.tx, notice, Escalation(escalation.rung, escalation.state, desk.now))


def escalation_of(row: Mapping[str, Any]) -> Escalation:
    """Where a notice stands, from its row."""
    return Escalation(Rung(row["step"]), row["state"], row["due_at"])


def draft_of(row: Row) -> Draft:
    """What a notice says, from its row."""
    return Draft(row["key"], row["subject"], row["trade"], row["commune"], row["values"], urgent=row["urgent"])


async def _climb(desk: ActDesk, row: Row, staff: Sequence[Staff]) -> None:
    """A rung that finds nobody is passed over at once."""
    now, escalation, told = desk.now, escalation_of(row), 0
    while escalation.state == "waiting" and not told:
        escalation = evolve_unread(msgspec.structs.replace(escalation, due_at=now), now)
        if escalation.state == "waiting":
            told = await _tell_rung(desk, row, escalation.rung, staff)
    await queries.save_escalation(desk.tx, row["id"], escalation)
    if told:
        _tell_fact(desk, row, _FACTS[escalation.rung], told)
    if escalation.state == "unread":
        _tell_fact(desk, row, "notification.left_unread", 0)


async def _tell_rung(desk: ActDesk, row: Row, rung: Rung, staff: Sequence[Staff]) -> int:
    """How many more were told."""
    draft = draft_of(row)
    if rung is Rung.LEADERS:
        already = [one["recipient"] for one in await queries.list_told(desk.tx, row["id"])]
        known = desk.city.commune_codes
        return await _tell_people(
            desk, row["id"], draft, choose_leaders(staff, row["trade"], row["commune"], already, known)
        )
    return await _tell_contact(desk, row["id"], draft)


async def _tell_people(desk: ActDesk, notice: UUID, draft: Draft, people: Iterable[UUID]) -> int:
    """How many of them had not been told before."""
    chosen, told = list(people), 0
    addresses: dict[UUID, dict[str, str]] = {}
    for row in await queries.list_addresses(desk.tx, chosen):
        addresses.setdefault(row["person"], {})[row["way"]] = row["address"]
    for person in chosen:
        notification = desk.new_id()
        if await queries.insert_for_person(desk.tx, notification, notice, person, desk.now):
            told += 1
            await _queue(desk, notification, draft, addresses.get(person, {}))
    desk.announce(PART, f"notice:{notice}", draft.trade, draft.commune)
    return told


async def _tell_contact(desk: ActDesk, notice: UUID, draft: Draft) -> int:
    """The room's officer on call, as the directory knows one: 1, or 0 when it knows none who can be written to."""
    asked = {"trade": draft.trade, "commune": draft.commune, "keys": ["room_duty"]}
    try:
        found = await desk.perform("directory.find_on_duty", asked)
    except NotFound:
        return 0
    for contact in found:
        ways = ways_of_contact(contact["phone"], contact["email"])
        if contact["open_now"] and ways:
            notification = desk.new_id()
            contact_id = UUID(contact["id"])
            if await queries.insert_for_contact(desk.tx, notification, notice, contact_id, desk.now):
                await _queue(desk, notification, draft, ways)
                return 1
    return 0


async def _queue(desk: ActDesk, notification: UUID, draft: Draft, addresses: Mapping[Any, str]) -> None:
    catalogue = desk.words[LANGUAGE]
    title = write_title(draft.key, draft.values, catalogue)
    text = f"{title}\n\n{catalogue['notifications.footer']}"
    for way in choose_ways(addresses, draft.urgent):
        await queries.insert_delivery(desk.tx, notification, way, addresses[way], title, text, desk.now)


def _tell_fact(desk: ActDesk, row: Row, key: str, people: int) -> None:
    minutes = int((desk.now - row["at"]).total_seconds() // 60)
    payload = {"about": f"notification.about.{row['key']}", "minutes": minutes, "people": people}
    desk.tell(key, trade=row["trade"], commune=row["commune"], subject=row["subject"], payload=payload)


def _names(desk: ActDesk) -> dict[str, str]:
    return {commune.insee: commune.name for commune in desk.city.communes}


async def _list_staff(desk: ActDesk) -> list[Staff]:
    rows = await queries.list_staff(desk.tx, desk.now - SEEN_WITHIN)
    return [Staff(row["pseudonym"], msgspec.convert(row["grants"], tuple[Grant, ...]), row["here"]) for row in rows]
