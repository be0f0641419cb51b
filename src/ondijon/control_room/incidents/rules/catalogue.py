"""The catalogue of types: read whole or refused, and the type that an alarm card becomes."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from ondijon.control_room.incidents.model import TRADES, IncidentType, Question, Words
from ondijon.kernel.errors import Refused

_SINGLE = "single"


class _Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """One entry as the file says it."""

    key: str
    severity: int
    respond_s: int
    resolve_s: int
    fr: str
    en: str
    hint: Words
    services: tuple[str, ...]
    questions: tuple[str, ...]
    card_types: tuple[str, ...] = ()


class _Catalogue(Struct, frozen=True, forbid_unknown_fields=True):
    """The file."""

    questions: dict[str, Words]
    types: tuple[_Entry, ...]


def read_catalogue(document: dict[str, Any]) -> tuple[IncidentType, ...]:
    """The types of a file; raises Refused and names what is wrong."""
    try:
        catalogue = msgspec.convert(document, _Catalogue)
    except msgspec.ValidationError as error:
        raise Refused("error.bad_incident_types", problem=str(error)) from error
    problems = [*_problems(catalogue)]
    if problems:
        raise Refused("error.bad_incident_types", problem="; ".join(problems[:5]))
    return tuple(_to_type(entry, catalogue.questions) for entry in catalogue.types)


def _problems(catalogue: _Catalogue) -> Iterable[str]:
    keys = [entry.key for entry in catalogue.types]
    yield from (f"{key} twice" for key in sorted({key for key in keys if keys.count(key) > 1}))
    signs = [(sign, _trade(entry.key)) for entry in catalogue.types for sign in entry.card_types]
    yield from (f"{sign} of {trade} twice" for sign, trade in sorted({one for one in signs if signs.count(one) > 1}))
    for entry in catalogue.types:
        if _trade(entry.key) not in TRADES:
            yield f"{entry.key}: no such trade"
        if not 1 <= entry.severity <= 4:
            yield f"{entry.key}: severity is 1 to 4"
        if not 0 < entry.respond_s <= entry.resolve_s:
            yield f"{entry.key}: respond_s must be above 0 and not above resolve_s"
        if not entry.services:
            yield f"{entry.key}: no service"
        yield from (f"{entry.key}: no question {key}" for key in entry.questions if key not in catalogue.questions)


def _trade(key: str) -> str:
    return key.partition(".")[0]


def _to_type(entry: _Entry, questions: dict[str, Words]) -> IncidentType:
    return IncidentType(
        key=entry.key,
        trade=_trade(entry.key),
        severity=entry.severity,
        respond_s=entry.respond_s,
        resolve_s=entry.resolve_s,
        fr=entry.fr,
        en=entry.en,
        hint=entry.hint,
        services=entry.services,
        questions=tuple(Question(key, questions[key].fr, questions[key].en) for key in entry.questions),
        card_types=entry.card_types,
    )


def find_type_of_card(types: Iterable[IncidentType], trade: str, kind: str, alarm_type: str) -> IncidentType | None:
    """What a card becomes: by its kind when it is a root cause, else by its alarm's key; within its trade only."""
    own = [one for one in types if one.trade == trade]
    for sign in (kind, alarm_type):
        if sign != _SINGLE:
            for one in own:
                if sign in one.card_types:
                    return one
    return None
