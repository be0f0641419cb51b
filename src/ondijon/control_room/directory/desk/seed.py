"""The city's directory.toml: what it says stands, unless a person has changed it in the room."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct, structs

from ondijon.control_room.directory import queries
from ondijon.control_room.directory.desk.hours import check_hours
from ondijon.control_room.directory.model import Contact, Kind
from ondijon.control_room.directory.rules import decide_contact
from ondijon.kernel.errors import Refused
from ondijon.kernel.identity import EVERY
from ondijon.kernel.ports import Row
from ondijon.kernel.room import ActDesk


class SeededContact(Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[contact]]` of the file; `seed` is its name there, never reused for another."""

    seed: str
    key: str
    kind: Kind
    name: str
    body: str = ""
    phone: str = ""
    email: str = ""
    trades: tuple[str, ...] = ("*",)
    communes: tuple[str, ...] = ("*",)
    hours: str = "24/7"
    note: str = ""


class DirectoryFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    contact: tuple[SeededContact, ...] = ()


async def load_directory(desk: ActDesk, content: dict[str, Any]) -> None:
    """Bring the directory to the file; contacts that a person changed or retired stay as they are.

    Communes that this city does not hold (it may be imported in part) are left out. Raises Refused when the file is
    not what it should be.
    """
    here = {one.seed: _within(desk, one) for one in _parse(content).contact}
    wanted = {seed: _read(desk, one) for seed, one in here.items() if one.communes}
    known = {str(row["seed"]): row for row in await queries.list_seeds(desk.tx)}
    counts = {"added": 0, "corrected": 0, "retired": 0}
    for seed, contact in wanted.items():
        step = await _stand(desk, seed, contact, known.get(seed))
        if step:
            counts[step] += 1
    for seed, row in known.items():
        if seed not in wanted and not row["edited"] and row["retired_at"] is None:
            await queries.retire_contact(desk.tx, row["id"], False, desk.actor.pseudonym, desk.now)
            counts["retired"] += 1
    if any(counts.values()):
        desk.tell("directory.loaded", trade=None, commune=None, payload=counts)


async def _stand(desk: ActDesk, seed: str, contact: Contact, row: Row | None) -> str | None:
    by, now = desk.actor.pseudonym, desk.now
    if row is None:
        await queries.insert_contact(desk.tx, desk.new_id(), contact, seed, by, now)
        return "added"
    if row["edited"] or (row["retired_at"] is None and contact_of(row) == contact):
        return None
    await queries.update_contact(desk.tx, row["id"], contact, False, by, now)
    return "corrected"


def contact_of(row: Mapping[str, Any]) -> Contact:
    """A contact from its row."""
    fields = {name: row[name] for name in Contact.__struct_fields__}
    return Contact(**fields | {"trades": tuple(row["trades"]), "communes": tuple(row["communes"])})


def _parse(content: dict[str, Any]) -> DirectoryFile:
    try:
        return msgspec.convert(content, DirectoryFile)
    except msgspec.ValidationError as error:
        raise Refused("error.bad_directory", problem=str(error)[:200]) from error


def _within(desk: ActDesk, one: SeededContact) -> SeededContact:
    known = {EVERY, *desk.city.commune_codes}
    return structs.replace(one, communes=tuple(commune for commune in one.communes if commune in known))


def _read(desk: ActDesk, one: SeededContact) -> Contact:
    contact = Contact(**{name: getattr(one, name) for name in Contact.__struct_fields__})
    checked = decide_contact(contact, desk.city.commune_codes)
    check_hours(checked.hours, desk.city.card)
    return checked
