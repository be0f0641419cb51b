"""A version at the desk: taken up under the law and its version of edits, saved, told, announced."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from ondijon.domains.lighting.desk.programmes.situation import read_content
from ondijon.domains.lighting.model import TRADE
from ondijon.domains.lighting.queries import programmes as queries
from ondijon.domains.lighting.rules.programmes.law import State, Step, evolve
from ondijon.domains.lighting.rules.programmes.model import Content
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.identity import Verb
from ondijon.kernel.ports import Row
from ondijon.kernel.room import ActDesk

UNSEEN = "lighting.refusal.no_programme"
_NOBODY = "OnDijon"


class Case(Struct, frozen=True, eq=False):
    """A version that nobody else changes while this transaction lasts, and where the law takes it."""

    id: UUID
    row: Row
    content: Content
    following: State


async def take_up(desk: ActDesk, version_id: UUID, version: int, step: Step, verb: Verb | None = None) -> Case:
    """Lock a version for a step, with the right to take it in each of its communes.

    verb None: what withdrawing asks, by what is in force. Raises NotFound, NotAllowed, Refused.
    """
    await queries.lock_programmes(desk.tx)
    row = await queries.find_version(desk.tx, version_id)
    if row is None:
        raise NotFound(UNSEEN)
    state = State(row["state"])
    demand_each(desk, verb or ("approve" if state is State.PUBLISHED else "configure"), row["communes"])
    if version != row["version"]:
        raise Refused("error.changed_meanwhile", by=row["changed_name"] or _NOBODY)
    following = evolve(state, step, desk.actor.pseudonym, row["proposed_by"])
    return Case(version_id, row, read_content(row), following)


def demand_each(desk: ActDesk, verb: Verb, communes: Sequence[str]) -> None:
    """A programme is a matter of all of its communes: the right is asked for in each."""
    for commune in communes:
        if commune not in desk.city.commune_codes:
            raise NotFound(UNSEEN)
        desk.demand(verb, TRADE, commune, unseen=UNSEEN)


async def save(desk: ActDesk, case: Case, **values: Any) -> int:
    """Write some columns and the state that follows; consoles look again. Returns the version of edits."""
    written = {"state": case.following.value, "changed_by": desk.actor.pseudonym, **values}
    announce(desk, case.row["key"], case.row["communes"])
    return await queries.save(desk.tx, case.id, written)


async def be_over(desk: ActDesk, row: Row, state: State) -> None:
    """A version that another, or time, takes out of force; gateways are to be resolved again."""
    over = {"state": state.value, "over_by": desk.actor.pseudonym, "over_at": desk.now, "resolved_at": None}
    await queries.save(desk.tx, row["id"], over | {"changed_by": desk.actor.pseudonym})


def tell(desk: ActDesk, row: Row, happened: str, **payload: Any) -> None:
    """The fact `lighting.{happened}`, one in each commune of the programme; free words stay in the rows."""
    content: Mapping[str, Any] = row["content"]
    values = {"programme": row["key"], "name": content["names"]["fr"], "number": row["number"], **payload}
    for commune in row["communes"]:
        desk.tell(
            f"{TRADE}.{happened}", trade=TRADE, commune=commune, subject=f"programme:{row['key']}", payload=values
        )


def announce(desk: ActDesk, key: str, communes: Sequence[str]) -> None:
    for commune in communes:
        desk.announce(TRADE, f"programme:{key}", TRADE, commune)
