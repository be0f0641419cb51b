"""Programmes read within a scope: who sees one of its communes sees a programme."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from ondijon.apps.console.parts.programmes.shapes import (
    Brief,
    GatewayBehind,
    GatewaysShape,
    ProgrammeDetail,
    ProgrammeShape,
    StoredShape,
    VersionShape,
)
from ondijon.apps.console.room import Room, Seat
from ondijon.domains.lighting.desk.programmes.holidays import holidays_around
from ondijon.domains.lighting.desk.programmes.situation import read_content
from ondijon.domains.lighting.model import CABINET, TRADE
from ondijon.domains.lighting.queries import programmes as queries
from ondijon.domains.lighting.queries import stored_programmes as stored_queries
from ondijon.domains.lighting.rules.programmes.calendar import SILENT, Nights, make_nights, rule_by_night
from ondijon.domains.lighting.rules.programmes.compile import NIGHTS
from ondijon.domains.lighting.rules.programmes.law import LAW, OPEN, State, Step
from ondijon.domains.lighting.rules.programmes.local_times import night_of
from ondijon.kernel.errors import NotFound
from ondijon.kernel.identity import Actor, Verb
from ondijon.kernel.ports import Row

UNSEEN = "lighting.refusal.no_programme"
MOST_BEHIND = 200
_BY_THE_POST = "OnDijon"
# What a person may do with a version, beside the law: the word in `may`, the step, the verb.
_STEPS: tuple[tuple[str, Step, Verb], ...] = (
    ("draft", Step.EDIT, "configure"),
    ("propose", Step.PROPOSE, "configure"),
    ("publish", Step.PUBLISH, "approve"),
    ("reject", Step.REJECT, "approve"),
    ("withdraw", Step.WITHDRAW, "configure"),
    ("end", Step.END, "command"),
)


def is_seen(room: Room, seat: Seat, row: Row) -> bool:
    """Whether a person sees one of a programme's communes."""
    return not room.rights.communes_of(seat.scope, TRADE).isdisjoint(row["communes"])


async def get_version(room: Room, seat: Seat, version: UUID) -> Row:
    """A version that the person may see; raises NotFound."""
    row = await queries.find_version(room.rows, version)
    if row is None or not is_seen(room, seat, row):
        raise NotFound(UNSEEN)
    return row


def brief(row: Row) -> Brief:
    """A version in short."""
    steps = [(row[f"{what}_at"], row[f"{what}_name"]) for what in ("over", "decided", "proposed", "drafted")]
    at, by = next((at, by) for at, by in steps if at is not None)
    return Brief(row["id"], row["number"], row["state"], row["version"], at, by or _BY_THE_POST)


def show_version(row: Row, actor: Actor) -> VersionShape:
    """A version whole, with what this person may do to it."""
    short = brief(row)
    return VersionShape(
        id=short.id,
        number=short.number,
        state=short.state,
        version=short.version,
        at=short.at,
        by=short.by,
        key=row["key"],
        content=read_content(row),
        communes=row["communes"],
        lights=row["lights"],
        drafted_at=row["drafted_at"],
        drafted_by=row["drafted_name"] or _BY_THE_POST,
        proposed_at=row["proposed_at"],
        proposed_by=row["proposed_name"],
        reason=row["reason"],
        decided_at=row["decided_at"],
        decided_by=None if row["decided_at"] is None else row["decided_name"] or _BY_THE_POST,
        decision_reason=row["decision_reason"],
        ended_at=row["over_at"],
        may=list_may(row, actor),
    )


def list_may(row: Row, actor: Actor) -> list[str]:
    """The steps that the law and a person's rights in each commune allow."""
    state = State(row["state"])
    may = []
    for word, step, verb in _STEPS:
        needed: Verb = "approve" if step is Step.WITHDRAW and state is State.PUBLISHED else verb
        lawful = (state, step) in LAW and (step is not Step.END or row["layer"] == "special")
        own = step is Step.PUBLISH and row["proposed_by"] == actor.pseudonym
        if lawful and not own and all(actor.may(needed, TRADE, commune) for commune in row["communes"]):
            may.append(word)
    return may


def nights_ahead(room: Room, count: int = NIGHTS) -> Nights:
    """From tonight on."""
    tonight = night_of(room.clock.now(), room.city.card.timezone)
    return make_nights(tonight, count, holidays_around(tonight, tonight + timedelta(days=count)))


class Gateways:
    """Wanted against stored, by publication."""

    def __init__(self, room: Room, rows: Sequence[Row]) -> None:
        self._room = room
        cabinets = room.city.twins.get(CABINET.key)
        numbers = [] if cabinets is None else cabinets.twin_no.tolist()
        self._row_of = {number: row for row, number in enumerate(numbers)}
        self._of: dict[UUID, list[Row]] = {}
        for row in rows:
            if row["twin_no"] in self._row_of:
                self._of.setdefault(row["programme"], []).append(row)

    def _stored(self, twin_no: int) -> int | None:
        value = self._room.city.columns[CABINET.key]["programme_version"][self._row_of[twin_no]]
        return None if np.isnan(value) else int(value)

    def _is_behind(self, row: Row) -> bool:
        stored = self._stored(row["twin_no"])
        return stored is None or stored < int(row["version"])

    def sum_up(self, version: UUID) -> StoredShape | None:
        """None where no gateway was given it yet."""
        rows = self._of.get(version)
        if rows is None:
            return None
        since: datetime | None = max((row["wanted_since"] for row in rows if row["wanted_since"]), default=None)
        return StoredShape(len(rows), sum(not self._is_behind(row) for row in rows), since)

    def list_behind(self, version: UUID, communes: frozenset[str]) -> GatewaysShape:
        """Which have it not, of the cabinets in these communes."""
        records = self._room.city.twins[CABINET.key].records if self._row_of else ()
        mine = [row for row in self._of.get(version, ()) if records[self._row_of[row["twin_no"]]].commune in communes]
        behind = [row for row in mine if self._is_behind(row)]
        listed = []
        for row in behind[:MOST_BEHIND]:
            record = records[self._row_of[row["twin_no"]]]
            listed.append(
                GatewayBehind(
                    record.id,
                    record.name,
                    record.commune,
                    row["version"],
                    self._stored(row["twin_no"]),
                    row["wanted_since"],
                )
            )
        return GatewaysShape(len(mine), len(mine) - len(behind), listed)


async def read_gateways(room: Room, versions: Sequence[UUID]) -> Gateways:
    """The gateways that these publications concerned."""
    return Gateways(room, await stored_queries.list_concerned(room.rows, versions))


async def list_programmes(room: Room, seat: Seat) -> list[ProgrammeShape]:
    """Every programme that the person sees, lowest layer first."""
    rows = [row for row in await queries.list_newest(room.rows) if is_seen(room, seat, row)]
    by_key: dict[str, list[Row]] = {}
    for row in rows:
        by_key.setdefault(row["key"], []).append(row)
    gateways = await read_gateways(room, [row["id"] for row in rows])
    nights = nights_ahead(room)
    found = [(read_content(_leading(versions)).rank, versions) for versions in by_key.values()]
    return [_show(versions, gateways, nights) for _, versions in sorted(found, key=lambda one: one[0])]


def _leading(versions: Sequence[Row]) -> Row:
    """The version that stands for a programme: what is in force, else the newest."""
    return next((row for row in versions if row["state"] == State.PUBLISHED), versions[-1])


def _fields(versions: Sequence[Row], gateways: Gateways, nights: Nights) -> Mapping[str, Any]:
    row = _leading(versions)
    content = read_content(row)
    is_in_force = row["state"] == State.PUBLISHED
    said = np.flatnonzero(rule_by_night(content, nights) != SILENT) if is_in_force else np.zeros(0, np.intp)
    opened = next((one for one in versions if one["state"] in OPEN), None)
    next_night: date | None = nights.date_of(int(said[0])) if len(said) else None
    return {
        "key": row["key"],
        "names": content.names,
        "layer": content.layer,
        "priority": content.priority,
        "scope": content.scope,
        "communes": row["communes"],
        "lights": row["lights"],
        "in_force": brief(row) if is_in_force else None,
        "open": None if opened is None else brief(opened),
        "next_night": next_night,
        "tonight": next_night == nights.first,
        "stored": gateways.sum_up(row["id"]) if is_in_force else None,
    }


def _show(versions: Sequence[Row], gateways: Gateways, nights: Nights) -> ProgrammeShape:
    return ProgrammeShape(**_fields(versions, gateways, nights))


async def read_programme(room: Room, seat: Seat, key: str) -> ProgrammeDetail:
    """One programme with all of its versions; raises NotFound."""
    rows = [row for row in await queries.list_versions(room.rows, key) if is_seen(room, seat, row)]
    if not rows:
        raise NotFound(UNSEEN)
    gateways = await read_gateways(room, [row["id"] for row in rows])
    at_hand = next((row for row in rows if row["state"] in OPEN), _leading(rows[::-1]))
    fields = _fields(rows[::-1], gateways, nights_ahead(room))
    return ProgrammeDetail(**fields, versions=[brief(row) for row in rows], may=list_may(at_hand, seat.person.actor))
