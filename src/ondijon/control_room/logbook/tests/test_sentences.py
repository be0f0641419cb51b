"""Facts become sentences: names, words, local time, and what comes in storms."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from ondijon.control_room.logbook.rules.facts import draft_gathered, draft_lines, gather, names_of
from ondijon.control_room.logbook.rules.sentences import distil, say_line
from ondijon.kernel.events import Event
from ondijon.testing.builders import lamp, small_city

ZONE = ZoneInfo("Europe/Paris")
AT = datetime(2026, 11, 21, 20, 0, 30, tzinfo=UTC)
FR = {
    "log.incident.paused": "Incident {number} suspendu à {commune} ({reason}) jusqu’au {until} pour {twin} : {types}",
    "incident.reason.weather": "météo",
    "lamps.alarm.out": "Lampe éteinte",
    "log.gateway.left": "Passerelles perdues : {count} ({names})",
}
EN = {
    "log.incident.paused": "Incident {number} paused in {commune} ({reason}) until {until} for {twin}: {types}",
    "incident.reason.weather": "weather",
    "lamps.alarm.out": "Lamp out",
}


def event(key: str, event_no: int = 1, **payload: object) -> Event:
    return Event(UUID(int=event_no), key, AT, "21001", lamp(0, 1), payload, "lamps", "incident:7", UUID(int=9))


PAUSED = event(
    "incident.paused",
    number="2026-000123",
    reason="weather",
    until="2026-11-21T22:30:00Z",
    types=["lamps.out", "lamps.odd"],
    caller="Mme Durand",
)


def test_a_fact_is_said_in_both_languages_with_names_words_and_local_time() -> None:
    said = distil(PAUSED, FR, names_of(small_city()))
    assert say_line(FR, "fr", PAUSED.key, said, ZONE) == (
        "Incident 2026-000123 suspendu à Fénay-0 (météo) jusqu’au 21/11/2026 à 23:30 pour Lampe 01 :"
        " Lampe éteinte, lamps.odd"
    )
    assert say_line(EN, "en", PAUSED.key, said, ZONE).startswith("Incident 2026-000123 paused in Fénay-0 (weather)")


def test_what_a_sentence_does_not_say_is_not_kept() -> None:
    assert "caller" not in distil(PAUSED, FR, names_of(small_city()))


@pytest.mark.parametrize("value", [None, {"a": 1}])
def test_a_value_without_words_leaves_a_dash(value: object) -> None:
    said = distil(event("incident.paused", until=value), FR, names_of(small_city()))
    assert "jusqu’au \N{EN DASH} pour" in say_line(FR, "fr", "incident.paused", said, ZONE)


def test_a_value_cannot_pass_for_a_word_of_the_catalogue() -> None:
    said = distil(event("incident.paused", reason="\N{SECTION SIGN}lamps.alarm.out"), FR, names_of(small_city()))
    assert said["reason"] == "lamps.alarm.out"


def test_a_fact_without_a_sentence_shows_its_key() -> None:
    drafts = draft_lines([event("comet.seen")], FR, ZONE, names_of(small_city()))
    assert [draft.text for draft in drafts] == ["comet.seen"]


def test_raw_alarms_make_no_line_and_gateways_are_counted_by_the_minute() -> None:
    events = [event("alarm.raised", 1), *(event("gateway.left", number, gateway=f"G-{number}") for number in range(9))]
    assert draft_lines(events, FR, ZONE, names_of(small_city())) == []
    (left,) = gather(events)
    assert (left.count, left.minute.second) == (9, 0)
    assert draft_gathered(left, FR, ZONE).text == "Passerelles perdues : 9 (G-0, G-1, G-2, G-3, G-4, +4)"
