"""The rights table as a lawyer reads it, one's own sessions, and what was done under broken glass."""

from typing import get_args

import msgspec
from litestar import get

from ondijon.apps.console.parts.people import queries
from ondijon.apps.console.parts.people.shapes import (
    GlassAct,
    GlassShape,
    HeldGrant,
    Holder,
    RightsShape,
    RoleShape,
    VerbShape,
)
from ondijon.apps.console.room import Room, Seat, TheRoom, TheSeat
from ondijon.kernel.identity import EVERY, Grant, Verb
from ondijon.kernel.ports import Row
from ondijon.web.rights import Scope
from ondijon.web.sessions import OwnSession

_MOST_GLASSES = 20
_MOST_ACTS = 200
_TRADE = "identity"


@get("/rights")
async def rights(room: TheRoom, seat: TheSeat) -> RightsShape:
    """Roles and verbs for everybody; who holds what for whoever audits, as far as that person does."""
    audited = room.rights.scope_of(seat.person.actor, "audit")
    users = await queries.list_users(room.rows) if audited.communes else []
    holders = [Holder(row["name"], row["username"], _seen_grants(room, audited, row)) for row in users]
    return RightsShape(
        roles=[
            RoleShape(key, role.fr, role.en, role.verbs, role.idle_lock_min) for key, role in room.people.roles.items()
        ],
        verbs=[_verb(room, verb) for verb in get_args(Verb)],
        people=[holder for holder in holders if holder.grants],
    )


@get("/sessions")
async def sessions(room: TheRoom, seat: TheSeat) -> list[OwnSession]:
    """One's own, the last used first."""
    return await room.sessions.list_of(seat.person)


@get("/glass")
async def glass(room: TheRoom, seat: TheSeat) -> list[GlassShape]:
    """Emergency access, newest first, with what was done meanwhile: one's own, everybody's for whoever audits."""
    actor = seat.person.actor
    audits = bool(room.rights.scope_of(actor, "audit").of_trade(_TRADE))
    found = await queries.list_glasses(room.rows, actor.pseudonym, audits, _MOST_GLASSES)
    return [await _glass(room, seat, row) for row in found]


async def _glass(room: Room, seat: Seat, row: Row) -> GlassShape:
    until = row["ended_at"] or row["until"]
    acts = await queries.list_acts(room.rows, row["pseudonym"], row["since"], until, _MOST_ACTS)
    return GlassShape(
        id=row["id"],
        name=row["name"],
        mine=row["pseudonym"] == seat.person.actor.pseudonym,
        reason=row["reason"],
        since=row["since"],
        until=row["until"],
        ended_at=row["ended_at"],
        acts=[GlassAct(act["at"], act["act"], act["subject"]) for act in acts],
    )


def _verb(room: Room, verb: Verb) -> VerbShape:
    fr, en = (room.strings[language].get(f"identity.verb.{verb}", verb) for language in ("fr", "en"))
    return VerbShape(verb, fr, en)


def _seen_grants(room: Room, audited: Scope, row: Row) -> list[HeldGrant]:
    """What of a person's grants lies where the reader audits: never more of it than that."""
    seen = []
    for grant in msgspec.convert(row["grants"], list[Grant]):
        trades = [trade for trade in audited.trades if EVERY in grant.trades or trade in grant.trades]
        ground = {insee for trade in trades for insee in room.rights.communes_of(audited, trade)}
        communes = [insee for insee in room.city.commune_codes if insee in ground]
        held = communes if EVERY in grant.communes else [insee for insee in communes if insee in grant.communes]
        if held:
            seen.append(
                HeldGrant(
                    grant.role,
                    [EVERY] if EVERY in grant.communes else held,
                    [EVERY] if EVERY in grant.trades else trades,
                )
            )
    return seen


ROUTES = [rights, sessions, glass]
