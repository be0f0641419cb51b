"""The city's programmes.toml: what it says is in force, unless a person has published another version since."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec
from msgspec import Struct, structs, to_builtins

from ondijon.domains.lighting.desk.classes import classify_all
from ondijon.domains.lighting.desk.programmes.case import announce, be_over, tell
from ondijon.domains.lighting.desk.programmes.situation import load_situation
from ondijon.domains.lighting.queries import programmes as queries
from ondijon.domains.lighting.rules.programmes.checks import check_content, communes_of
from ondijon.domains.lighting.rules.programmes.law import State
from ondijon.domains.lighting.rules.programmes.lights import Lights, rows_in
from ondijon.domains.lighting.rules.programmes.model import Content, OfCommunes
from ondijon.kernel.errors import Refused
from ondijon.kernel.ports import Row
from ondijon.kernel.room import ActDesk


class Tariff(Struct, frozen=True, forbid_unknown_fields=True):
    """What a kWh costs from a day on, and who says so."""

    since_day: date
    eur_per_kwh: float
    source: str


class ProgrammesFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file; `factory` is what gateways leave the factory with, and none of the post's business."""

    tariff: tuple[Tariff, ...]
    programme: tuple[Content, ...]
    factory: dict[str, Any]


async def load_programmes(desk: ActDesk, content: dict[str, Any]) -> None:
    """Bring programmes to the file. Raises Refused when the file is not what it should be."""
    file = _parse(content)
    for tariff in file.tariff:
        await queries.save_tariff(desk.tx, tariff.since_day, tariff.eur_per_kwh, tariff.source)
    await queries.lock_programmes(desk.tx)
    published = {row["key"]: row for row in await queries.list_published(desk.tx)}
    wanted = {one.key: _within(desk, one) for one in file.programme}
    lights: Lights | None = None
    for key, one in wanted.items():
        if not _stands(published.get(key), one):
            lights = lights or await _classified(desk)
            await _publish(desk, one, lights, published.get(key))
    for key, row in published.items():
        if key not in wanted and row["seed"] is not None:
            await be_over(desk, row, State.WITHDRAWN)


async def _classified(desk: ActDesk) -> Lights:
    """The lights with their classes, which on a first start nobody has made yet."""
    await classify_all(desk)
    return (await load_situation(desk.city, desk.tx)).lights


def _stands(row: Row | None, wanted: Content) -> bool:
    """Whether there is nothing to do: it is as the file says, or a person's version is in force."""
    return row is not None and (row["seed"] is None or msgspec.convert(row["seed"], Content) == wanted)


def _parse(content: dict[str, Any]) -> ProgrammesFile:
    try:
        return msgspec.convert(content, ProgrammesFile)
    except msgspec.ValidationError as error:
        raise Refused("lighting.refusal.bad_programmes", problem=str(error)[:200]) from error


def _within(desk: ActDesk, content: Content) -> Content:
    """A city may be imported in part: communes it does not hold are left out."""
    if not isinstance(content.scope, OfCommunes):
        return content
    here = tuple(insee for insee in content.scope.communes if insee in desk.city.commune_codes)
    return structs.replace(content, scope=OfCommunes(here))


async def _publish(desk: ActDesk, content: Content, lights: Lights, former: Row | None) -> None:
    meant = rows_in(content.scope, lights)
    if not meant.any():
        return
    check_content(content, lights)
    if former is not None:
        await be_over(desk, former, State.SUPERSEDED)
    by, written = desk.actor.pseudonym, to_builtins(content)
    row: Mapping[str, Any] = {
        "id": desk.new_id(),
        "key": content.key,
        "number": await queries.next_number(desk.tx, content.key),
        "state": State.PUBLISHED.value,
        "layer": content.layer,
        "content": written,
        "communes": communes_of(meant, lights),
        "lights": int(meant.sum()),
        "drafted_by": by,
        "drafted_at": desk.now,
        "decided_by": by,
        "decided_at": desk.now,
        "seed": written,
        "changed_by": by,
    }
    await queries.insert(desk.tx, row)
    tell(desk, row, "programme_published", lights=row["lights"])
    announce(desk, content.key, row["communes"])
