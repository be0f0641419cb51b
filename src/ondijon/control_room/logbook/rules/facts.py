"""Which facts make a line each, which are counted by the minute, and which others tell better."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from ondijon.control_room.logbook.model import Draft
from ondijon.control_room.logbook.rules.sentences import FindName, distil, say_line
from ondijon.kernel.city import City
from ondijon.kernel.errors import NotFound
from ondijon.kernel.events import Event
from ondijon.kernel.i18n import Catalogue

# Raw alarms make cards, and cards make lines.
_TOLD_BY_OTHERS = ("alarm.raised", "alarm.cleared")
_GATHERED = ("gateway.",)
MOST_NAMES = 5


class Gathered(Struct, frozen=True):
    """How often a kind of fact came within a minute, and to whom at first."""

    key: str
    minute: datetime
    count: int
    names: tuple[str, ...]


def is_told(event: Event) -> bool:
    """Whether an event makes a line of its own."""
    return not event.key.startswith((*_TOLD_BY_OTHERS, *_GATHERED))


def draft_lines(events: Iterable[Event], words: Catalogue, zone: ZoneInfo, find_name: FindName) -> list[Draft]:
    """A line for each event that makes one, in their order."""
    return [_draft(event, words, zone, find_name) for event in events if is_told(event)]


def _draft(event: Event, words: Catalogue, zone: ZoneInfo, find_name: FindName) -> Draft:
    said = distil(event, words, find_name)
    return Draft(
        at=event.at,
        kind="automatic",
        text=say_line(words, "fr", event.key, said, zone),
        trade=event.trade,
        commune=event.commune,
        subject=event.subject,
        key=event.key,
        said=said,
        actor=event.actor,
        event=event.id,
    )


def gather(events: Iterable[Event]) -> list[Gathered]:
    """Count what comes in storms, by kind and minute."""
    found: dict[tuple[str, datetime], list[str]] = {}
    for event in events:
        if event.key.startswith(_GATHERED):
            minute = event.at.replace(second=0, microsecond=0)
            found.setdefault((event.key, minute), []).append(str(event.payload.get("gateway", "")))
    return [Gathered(key, minute, len(names), tuple(names[:MOST_NAMES])) for (key, minute), names in found.items()]


def draft_gathered(one: Gathered, words: Catalogue, zone: ZoneInfo) -> Draft:
    """One line for everything that was counted in a minute."""
    names = [name for name in one.names if name]
    rest = one.count - len(names)
    said = {"count": one.count, "names": [*names, f"+{rest}"] if rest > 0 else names}
    return Draft(
        at=one.minute,
        kind="automatic",
        text=say_line(words, "fr", one.key, said, zone),
        trade=None,
        commune=None,
        key=one.key,
        said=said,
    )


def names_of(city: City) -> Callable[[str], str | None]:
    """How the things of a city are called: twins by URN, communes by INSEE code."""
    communes: Mapping[str, str] = {commune.insee: commune.name for commune in city.communes}

    def find(text: str) -> str | None:
        if not text.startswith("urn:ngsi-ld:"):
            return communes.get(text)
        try:
            twins, row = city.get_twin(text)
        except NotFound:
            return None
        return twins.records[row].name

    return find
