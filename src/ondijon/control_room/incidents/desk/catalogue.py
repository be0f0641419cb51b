"""The catalogue of types in the tables, brought in line with the city's file."""

from typing import Any

import msgspec

from ondijon.control_room.incidents.model import CurrentType, IncidentType
from ondijon.control_room.incidents.queries import city as queries
from ondijon.control_room.incidents.rules.catalogue import read_catalogue
from ondijon.kernel.room import ActDesk


async def load_types(desk: ActDesk, document: dict[str, Any]) -> None:
    """A changed type becomes a new version, one that is gone ends; incidents keep the version they have."""
    wanted = {one.key: one for one in read_catalogue(document)}
    known = {row["key"]: row for row in await queries.list_types(desk.tx)}
    for key in known.keys() - wanted.keys():
        await queries.end_type(desk.tx, key, desk.now)
    for place, (key, one) in enumerate(wanted.items()):
        content = msgspec.json.decode(msgspec.json.encode(one))  # as jsonb gives it back
        if key in known and known[key]["content"] == content:
            if known[key]["place"] != place:
                await queries.place_type(desk.tx, key, place)
            continue
        if key in known:
            await queries.end_type(desk.tx, key, desk.now)
        await queries.insert_type(desk.tx, content, place, desk.now)


async def list_types(desk: ActDesk) -> list[CurrentType]:
    """The catalogue as it is now."""
    rows = await queries.list_types(desk.tx)
    return [CurrentType(row["version"], msgspec.convert(row["content"], IncidentType)) for row in rows]
