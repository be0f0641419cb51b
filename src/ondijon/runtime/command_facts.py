"""The facts that commands leave for the room, one in each commune, so that each sees its own share and no more."""

from datetime import datetime

import numpy as np

from ondijon.kernel.arrays import Ints32
from ondijon.kernel.city import City
from ondijon.kernel.events import Event
from ondijon.kernel.identity import THE_POST, Actor
from ondijon.kernel.ids import IdSource
from ondijon.kernel.ports import Row


def is_automation(actor: Actor) -> bool:
    """Whether an actor is a rule of the house: nobody signs in under such a name."""
    return actor.username.startswith("automation.")


def facts_of_request(city: City, ids: IdSource, actor: Actor, row: Row, rows: Ints32) -> list[Event]:
    """That a command was asked for, or an undo; `rows` are its targets among the twins of its type.

    What the post itself restores after a gateway's return is no news of the room; what an automation steers minute by
    minute stands in its register.
    """
    if row["undo_of"] is None and (actor == THE_POST or is_automation(actor)):
        return []
    key = "command.requested" if row["undo_of"] is None else "command.undone"
    codes, targets = np.unique(city.twins[row["twin_type"]].commune[rows], return_counts=True)
    return [
        _fact(key, ids, actor, row, row["requested_at"], city.commune_codes[code], {"targets": count})
        for code, count in zip(codes.tolist(), targets.tolist(), strict=True)
    ]


def facts_of_judgement(key: str, ids: IdSource, actor: Actor, row: Row, now: datetime) -> list[Event]:
    """That a second person approved a command or turned it down."""
    return [_fact(key, ids, actor, row, now, commune, {}) for commune in row["communes"]]


def _fact(key: str, ids: IdSource, actor: Actor, row: Row, at: datetime, commune: str, values: dict[str, int]) -> Event:
    payload = {"command": row["key"], **values}
    subject = f"command:{row['id']}"
    return Event(ids.new_id(), key, at, commune, None, payload, row["trade"], subject, actor.pseudonym)
