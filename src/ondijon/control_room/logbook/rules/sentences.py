"""A fact becomes a sentence: its values are made fit for every language once, then said in one."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from ondijon.kernel.events import Event
from ondijon.kernel.i18n import Catalogue

# A value that begins with this is a key of the catalogue; no value of the field or of a person does.
WORD = "\N{SECTION SIGN}"
NOTHING = "\N{EN DASH}"
_MOST_OF_A_LIST = 5
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_DAY_AND_TIME = {"fr": "%d/%m/%Y à %H:%M", "en": "%d %b %Y %H:%M"}
_FORMATTER = Formatter()
FindName = Callable[[str], str | None]


def sentence_key(event_key: str) -> str:
    return f"log.{event_key}"


def places_of(template: str) -> frozenset[str]:
    """The names of what a sentence is filled with."""
    return frozenset(name for _, name, _, _ in _FORMATTER.parse(template) if name)


def distil(event: Event, words: Catalogue, find_name: FindName) -> dict[str, Any]:
    """What the sentence of an event needs and nothing else, in no language.

    find_name: the name of a twin by its URN, or of a commune by its INSEE code. What a sentence does not say is not
    kept: an event's other values stay where they are.
    """
    values = {"twin": event.twin, "commune": event.commune, **event.payload}
    wanted = places_of(words.get(sentence_key(event.key), ""))
    part = event.key.partition(".")[0]
    return {name: _distil_value(part, name, values.get(name), words, find_name) for name in sorted(wanted)}


def _distil_value(part: str, name: str, value: Any, words: Catalogue, find_name: FindName) -> Any:
    if isinstance(value, list | tuple):
        shown = [_distil_value(part, name, one, words, find_name) for one in value[:_MOST_OF_A_LIST]]
        return shown if len(value) <= _MOST_OF_A_LIST else [*shown, f"+{len(value) - _MOST_OF_A_LIST}"]
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, 3)
    if isinstance(value, str):
        known = next((key for key in _word_keys(part, name, value) if key in words), None)
        text = value.removeprefix(WORD)
        return f"{WORD}{known}" if known else (find_name(value) or text)[:200]
    return value if isinstance(value, bool | int) else None


def _word_keys(part: str, name: str, value: str) -> list[str]:
    """Where the catalogue may have a word for a value, the most certain place first."""
    trade, dot, rest = value.partition(".")
    of_trade = [f"{trade}.alarm.{rest}", f"{trade}.command.{rest}", value] if dot else []
    return [*of_trade, f"log.value.{name}.{value}", f"{part}.{name}.{value}", f"{part}s.{name}.{value}"]


def say_line(words: Catalogue, language: str, key: str, said: Mapping[str, Any], zone: ZoneInfo) -> str:
    """The sentence of a line in one language; a key without words is shown as itself, so that nothing is hidden."""
    template = words.get(sentence_key(key))
    if template is None:
        return key
    values = {name: _say_value(said.get(name), words, language, zone) for name in places_of(template)}
    return template.format_map(values)


def _say_value(value: Any, words: Catalogue, language: str, zone: ZoneInfo) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, list):
        return ", ".join(_say_value(one, words, language, zone) for one in value)
    text = str(value)
    if text.startswith(WORD):
        return words.get(text.removeprefix(WORD), text.removeprefix(WORD))
    if _INSTANT.fullmatch(text):
        return datetime.fromisoformat(text).astimezone(zone).strftime(_DAY_AND_TIME[language])
    return text
