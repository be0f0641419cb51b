"""Opening hours follow the city's clock, its public holidays, and the nights when clocks change."""

import time
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import ondijon
from ondijon.control_room.directory.desk.hours import Opening, check_hours, opening_at
from ondijon.kernel.errors import Refused
from ondijon.testing.builders import CARD

OFFICE = "Mo-Fr 08:00-18:00; PH off"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def opened(hours: str, start: datetime, end: datetime, step_min: int = 1) -> list[datetime]:
    """Every instant of a span at which it is open."""
    count = int((end - start) / timedelta(minutes=step_min))
    instants = [start + timedelta(minutes=step_min * place) for place in range(count)]
    return [instant for instant in instants if opening_at(hours, CARD, instant).open]


def test_an_office_is_open_by_the_citys_clock_not_by_utc() -> None:
    assert opening_at(OFFICE, CARD, at("2026-11-12T07:00")).open
    assert not opening_at(OFFICE, CARD, at("2026-11-12T06:59")).open
    assert opening_at(OFFICE, CARD, at("2026-07-15T06:00")).open


def test_it_says_until_when() -> None:
    assert opening_at(OFFICE, CARD, at("2026-11-12T09:00")).until == at("2026-11-12T17:00")
    assert opening_at(OFFICE, CARD, at("2026-11-13T18:00")).until == at("2026-11-16T07:00")
    assert opening_at("24/7", CARD, at("2026-11-13T18:00")).until is None


@pytest.mark.parametrize("day", ["2026-04-06", "2026-05-01", "2026-05-14", "2026-07-14", "2026-11-11", "2026-12-25"])
def test_french_public_holidays_are_known(day: str) -> None:
    assert not opening_at(OFFICE, CARD, at(f"{day}T10:00")).open
    assert opening_at("PH 00:00-24:00", CARD, at(f"{day}T10:00")).open


def test_an_on_call_night_of_autumn_is_an_hour_longer_and_of_spring_an_hour_shorter() -> None:
    night = "Mo-Su 18:00-08:00"
    autumn = opened(night, at("2026-10-24T12:00"), at("2026-10-25T12:00"))
    spring = opened(night, at("2026-03-28T12:00"), at("2026-03-29T12:00"))
    assert (len(autumn) / 60, len(spring) / 60) == (15, 13)
    assert opening_at(night, CARD, at("2026-10-24T22:00")).until == at("2026-10-25T07:00")
    assert opening_at(night, CARD, at("2026-03-28T22:00")).until == at("2026-03-29T06:00")


@pytest.mark.parametrize(
    ("hours", "first", "last"),
    [
        ("Mo-Su 02:30-05:00", "2026-10-25T00:30", "2026-10-25T04:00"),
        ("Mo-Su 20:00-02:30", "2026-10-24T18:00", "2026-10-25T01:30"),
        ("Mo-Su 20:00-02:00", "2026-10-24T18:00", "2026-10-25T00:00"),
    ],
)
def test_the_repeated_hour_makes_no_gap(hours: str, first: str, last: str) -> None:
    found = opened(hours, at("2026-10-24T16:00"), at("2026-10-25T08:00"))
    assert (found[0], found[-1] + timedelta(minutes=1)) == (at(first), at(last))
    assert len(found) == (at(last) - at(first)) / timedelta(minutes=1)
    for instant in found:
        assert opening_at(hours, CARD, instant).until == at(last), instant
    assert opening_at(hours, CARD, at(first) - timedelta(minutes=10)).until == at(first)


def test_who_relieves_whom_on_a_changing_night_leaves_nobody_out() -> None:
    evening, morning = "Mo-Su 14:00-02:30", "Mo-Su 02:30-14:00"
    for start in (at("2026-10-24T20:00"), at("2026-03-28T20:00")):
        for step in range(12 * 60):
            instant = start + timedelta(minutes=step)
            assert opening_at(evening, CARD, instant).open or opening_at(morning, CARD, instant).open


def test_sunset_is_the_citys_own() -> None:
    assert opening_at("sunset-sunrise", CARD, at("2026-11-12T17:00")).open
    assert not opening_at("sunset-sunrise", CARD, at("2026-11-12T12:00")).open


def test_what_is_unknown_is_not_open() -> None:
    assert opening_at("Mo-Fr 08:00-18:00 unknown", CARD, at("2026-11-12T10:00")) == Opening(False, None)


@pytest.mark.parametrize(
    "hours",
    [
        "Mo-Fr 08:00-18:00 unknown",
        "00:00-24:00/00:01 unknown",
        "Mo-Fr 08:00-18:00/00:01",
        "Feb 30 10:00-12:00",
        "2090 Jan 01",
        "24/7 off",
        "week 53 Su[5] 10:00-11:00",
        "Feb 29 10:00-12:00; PH off; SH off",
    ],
)
def test_no_text_holds_the_room_up(hours: str) -> None:
    instants = [at("2026-11-12T10:00") + timedelta(hours=hour) for hour in range(48)]
    before = time.process_time()
    for instant in instants:
        opening_at(hours, CARD, instant)
    assert (time.process_time() - before) / len(instants) < 0.1


@pytest.mark.parametrize("hours", ["", "tous les jours", "Mo-Fr 25:00-26:00x"])
def test_what_cannot_be_read_is_refused(hours: str) -> None:
    with pytest.raises(Refused, match="contact_hours"):
        check_hours(hours, CARD)


@pytest.mark.parametrize("city", ["dijon", "montpellier"])
@pytest.mark.parametrize("start", ["2026-03-27T11:00", "2026-10-23T10:00", "2026-11-09T11:00"])
def test_somebody_of_every_function_can_be_called_at_any_hour_in_every_commune(city: str, start: str) -> None:
    path = Path(ondijon.__file__).parent / "cities" / city / "directory.toml"
    contacts = tomllib.loads(path.read_text("utf-8"))["contact"]
    communes = {insee for contact in contacts for insee in contact.get("communes", ())}
    keys = {contact["key"] for contact in contacts} - {"winter_service"}
    # Four days around a change of clocks, or a public holiday in the week; a quarter of an hour at a time.
    for step in range(4 * 96):
        instant = at(start) + timedelta(minutes=15 * step)
        texts = {contact.get("hours", "24/7") for contact in contacts}
        is_open = {hours: opening_at(hours, CARD, instant).open for hours in texts}
        served: dict[str, set[str]] = {key: set() for key in keys}
        for contact in contacts:
            if contact["key"] in keys and is_open[contact.get("hours", "24/7")]:
                served[contact["key"]] |= set(contact.get("communes", communes))
        assert {key: communes - reached for key, reached in served.items() if reached != communes} == {}, instant
