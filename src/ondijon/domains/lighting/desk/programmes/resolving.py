"""What gateways are given: programmes in force are resolved into contents, each with a version, in one transaction."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.desk.programmes.case import announce
from ondijon.domains.lighting.desk.programmes.situation import Situation, load_situation, read_content
from ondijon.domains.lighting.queries import programmes as queries
from ondijon.domains.lighting.queries import stored_programmes as stored_queries
from ondijon.domains.lighting.rules.programmes.compile import NIGHTS, Cabinet, StoredContent, compile_cabinets
from ondijon.domains.lighting.rules.programmes.law import State
from ondijon.domains.lighting.rules.programmes.lights import NOWHERE, rows_in
from ondijon.domains.lighting.rules.programmes.local_times import night_of
from ondijon.domains.lighting.rules.programmes.resolve import Resolution, resolve
from ondijon.domains.lighting.rules.programmes.stored import is_same_ahead
from ondijon.kernel.arrays import Ints32
from ondijon.kernel.events import Event
from ondijon.kernel.ports import Row
from ondijon.kernel.room import ActDesk

LEAST_AHEAD = 370  # nights: a gateway that hears nothing goes on right for more than a year
# Facts of programmes name what changed in the rows; after any other fact all gateways are looked at.
OF_PROGRAMMES = "lighting.programme"
FOLLOWED = (
    "lighting.programme_published",
    "lighting.programme_withdrawn",
    "lighting.special_evening_ended",
    "lighting.policy_authorised",
    "lighting.policy_revoked",
    "lighting.classes_refreshed",
)
_OF_VERSIONS = frozenset(FOLLOWED[:3])


class Given(Struct, frozen=True, eq=False):
    """New contents of some cabinets, and which programme each light of those looked at follows."""

    cabinets: list[int]
    contents: list[StoredContent]
    lights: Ints32
    followed: Ints32


async def follow_changes(desk: ActDesk, events: list[Event]) -> None:
    """Give the gateways concerned what has come into force, or what is left."""
    only_versions = all(event.key in _OF_VERSIONS for event in events)
    await give_gateways(desk, whole=not only_versions)


async def extend(desk: ActDesk) -> None:
    """Look at every gateway: its nights reach far enough, and what it stores is what is in force."""
    await give_gateways(desk, whole=True)


async def give_gateways(desk: ActDesk, *, whole: bool) -> None:
    """Resolve what changed (everything when `whole`) and give each cabinet that differs a new version.

    All in the desk's transaction: either it happened, versions and all, or it did not and will be done again.
    """
    await queries.lock_programmes(desk.tx)
    changed = await queries.list_unresolved(desk.tx)
    if not (whole or changed):
        return
    situation = await load_situation(desk.city, desk.tx)
    if not situation.in_force:
        return
    cabinets = situation.cabinets if whole else _concerned(situation, changed)
    rows = await stored_queries.list_wanted(desk.tx, [cabinet.twin_no for cabinet in cabinets])
    wanted = {row["twin_no"]: row["content"] for row in rows}
    tonight = night_of(desk.now, situation.place.timezone)
    given = await asyncio.to_thread(resolve_cabinets, situation, cabinets, wanted, tonight)
    await stored_queries.want(desk.tx, given.cabinets, given.contents, desk.now)
    await _note(desk, situation, changed)
    in_force = situation.in_force
    keys = [in_force[place].row["key"] for place in given.followed.tolist()]
    numbers = [in_force[place].row["number"] for place in given.followed.tolist()]
    await stored_queries.save_followed(desk.tx, given.lights.tolist(), keys, numbers)
    if given.cabinets:
        announce(desk, "*", sorted({desk.city.commune_codes[0]}))


def _concerned(situation: Situation, changed: Sequence[Row]) -> list[Cabinet]:
    """The cabinets with a light that a changed version means."""
    meant = np.zeros(len(situation.lights), np.bool_)
    for row in changed:
        meant |= rows_in(read_content(row).scope, situation.lights)
    return [cabinet for cabinet in situation.cabinets if meant[cabinet.lights].any()]


def resolve_cabinets(
    situation: Situation, cabinets: Sequence[Cabinet], wanted: dict[int, StoredContent], tonight: date
) -> Given:
    """What of these cabinets' contents must be new; one that says the same from tonight on is left alone."""
    by_first: dict[date, list[Cabinet]] = {}
    for cabinet in cabinets:
        by_first.setdefault(first_night(wanted.get(cabinet.twin_no), tonight), []).append(cabinet)
    numbers: list[int] = []
    contents: list[StoredContent] = []
    lights, followed = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)]
    for first, together in by_first.items():
        rows = np.concatenate([cabinet.lights for cabinet in together])
        nights = situation.nights(first)
        resolution = resolve(situation.lights, situation.contents, nights, situation.allowances(nights), rows)
        compiled = compile_cabinets(resolution, situation.lights, together, situation.place.timezone)
        for cabinet, content in zip(together, compiled, strict=True):
            former = wanted.get(cabinet.twin_no)
            if former is None or not is_same_ahead(former, content, tonight):
                numbers.append(cabinet.twin_no)
                contents.append(content)
        source = _followed(resolution, (tonight - first).days, situation)[resolution.signatures.of_light[rows]]
        known = source != NOWHERE
        lights.append(situation.lights.twin_no[rows[known]])
        followed.append(source[known])
    return Given(numbers, contents, np.concatenate(lights), np.concatenate(followed))


def first_night(content: StoredContent | None, tonight: date) -> date:
    """The night that a cabinet's content begins with: as it is while it reaches far enough, else tonight."""
    if content is None:
        return tonight
    first = date.fromisoformat(content["from"])
    reach = first + timedelta(days=NIGHTS) - tonight
    return first if first <= tonight and reach.days >= LEAST_AHEAD else tonight


def _followed(resolution: Resolution, night: int, situation: Situation) -> Ints32:
    """By signature, the highest programme that gives part of a night, by its place in what is in force."""
    place_of = {one.content.key: place for place, one in enumerate(situation.in_force)}
    given = [
        max((change.source for change in resolution.compositions[at].changes), default=NOWHERE)
        for at in resolution.by_night[:, night].tolist()
    ]
    return np.array(
        [NOWHERE if source == NOWHERE else place_of[resolution.contents[source].key] for source in given], np.int32
    )


async def _note(desk: ActDesk, situation: Situation, changed: Sequence[Row]) -> None:
    """Which cabinets show each publication, and that nothing more is to be done for it."""
    for row in changed:
        if row["state"] == State.PUBLISHED:
            concerned = [cabinet.twin_no for cabinet in _concerned(situation, [row])]
            await stored_queries.note_concerned(desk.tx, row["id"], concerned)
        announce(desk, row["key"], row["communes"])
    await queries.mark(desk.tx, [row["id"] for row in changed], "resolved_at", desk.now)


def versions_of(snapshot: Row | None) -> dict[int, Any]:
    """The stored version that each cabinet reported, by twin number; none where it said nothing."""
    if snapshot is None:
        return {}
    numbers = np.frombuffer(snapshot["twin_no"], "<i4").tolist()
    values = np.frombuffer(snapshot["value"], "<f8").tolist()
    return {number: int(value) for number, value in zip(numbers, values, strict=True) if value == value}
