"""People put alarms aside, silence twins and take note, within their rights, through the real door."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from ondijon.control_room.alarms.tests.conftest import (
    ANNE,
    DIRTY,
    FIRE,
    HERE,
    HOT,
    LOCAL,
    LOOKER,
    OUT,
    THERE,
    AlarmRoom,
)
from ondijon.kernel.errors import NotAllowed, NotFound, Refused
from ondijon.kernel.identity import THE_POST
from ondijon.runtime.alarm_queries import list_silences
from ondijon.runtime.room_door import ROOM_SUBJECT
from ondijon.testing.builders import lamp

pytestmark = pytest.mark.engines

LAMP = lamp(0, 0)


async def show(room: AlarmRoom, *urns: str) -> UUID:
    """One card on screen."""
    await room.change(HOT, *urns)
    await room.annunciator.go_round()
    card: UUID = (await room.card())["id"]
    return card


async def test_a_shelved_card_is_off_the_list_with_its_end_and_comes_back_by_itself_unacknowledged(
    room: AlarmRoom,
) -> None:
    card = await show(room, LAMP)
    await room.do(ANNE, "acknowledge", cards=[card])
    until = room.clock.now() + timedelta(hours=2)
    await room.do(ANNE, "shelve", card=card, until=until, reason="pièce commandée")
    row = await room.card()
    assert (row["disposition"], row["shelved_until"]) == ("shelved", until)
    await room.settle(2 * 3_600 - 1)
    assert (await room.card())["disposition"] == "shelved"
    await room.settle(1)
    row = await room.card()
    assert (row["disposition"], row["unacknowledged"], row["acknowledged_at"]) == ("shown", 1, None)
    assert (await room.facts())[-3:] == ["card.shelved", "card.unshelved", "card.raised_again"]


async def test_shelved_until_the_second_half_past_two_of_the_night_of_25_hours(room: AlarmRoom) -> None:
    paris = ZoneInfo("Europe/Paris")
    room.clock.at = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
    card = await show(room, LAMP)
    second = datetime(2026, 10, 25, 2, 30, tzinfo=paris, fold=1)
    await room.do(ANNE, "shelve", card=card, until=second, reason="nuit")
    room.clock.at = datetime(2026, 10, 25, 2, 30, tzinfo=paris, fold=0).astimezone(UTC)
    await room.settle(0)
    assert (await room.card())["disposition"] == "shelved"
    await room.settle(3_600)
    assert (await room.card())["disposition"] == "shown"


async def test_the_end_of_a_shelving_rings_nobody_for_what_is_gone(room: AlarmRoom) -> None:
    card = await show(room, LAMP)
    await room.do(ANNE, "acknowledge", cards=[card])
    await room.do(ANNE, "shelve", card=card, until=room.clock.now() + timedelta(hours=1), reason="x")
    await room.change(HOT, LAMP, raised=False)
    await room.settle(3_601)
    assert await room.cards() == []
    assert "card.raised_again" not in await room.facts()


async def test_shelving_is_refused_without_a_reason_beyond_72_hours_and_without_the_right(room: AlarmRoom) -> None:
    card, now = await show(room, LAMP), room.clock.now()
    with pytest.raises(Refused, match="reason_needed"):
        await room.do(ANNE, "shelve", card=card, until=now + timedelta(hours=1), reason=" ")
    with pytest.raises(Refused, match="end_too_far"):
        await room.do(ANNE, "shelve", card=card, until=now + timedelta(hours=73), reason="x")
    with pytest.raises(NotAllowed):
        await room.do(LOOKER, "shelve", card=card, until=now + timedelta(hours=1), reason="x")
    with pytest.raises(NotFound):
        await room.do(ANNE, "shelve", card=UUID(int=1), until=now + timedelta(hours=1), reason="x")
    assert (await room.card())["disposition"] == "shown"


async def test_somebody_brings_a_card_back_before_its_end(room: AlarmRoom) -> None:
    card = await show(room, LAMP)
    await room.do(ANNE, "shelve", card=card, until=room.clock.now() + timedelta(hours=1), reason="x")
    (shelving,) = await room.rows.fetch("SELECT id, owner FROM alarm_shelvings WHERE ended_at IS NULL")
    assert shelving["owner"] == ANNE.pseudonym
    with pytest.raises(NotAllowed):
        await room.do(LOOKER, "unshelve", shelvings=[shelving["id"]])
    await room.do(ANNE, "unshelve", shelvings=[shelving["id"]])
    assert (await room.card())["disposition"] == "shown"
    with pytest.raises(NotFound, match="not_shelved"):
        await room.do(ANNE, "unshelve", shelvings=[shelving["id"]])


async def test_shelving_again_moves_the_end(room: AlarmRoom) -> None:
    card = await show(room, LAMP)
    for hours in (1, 5):
        until = room.clock.now() + timedelta(hours=hours)
        await room.do(ANNE, "shelve", card=card, until=until, reason="x")
    assert len(await room.rows.fetch("SELECT id FROM alarm_shelvings")) == 1
    assert (await room.card())["shelved_until"] == until


async def test_a_chattering_alarm_shelves_itself_for_an_hour_and_counts_on(room: AlarmRoom) -> None:
    await room.change(HOT, LAMP, chatters=True)
    await room.annunciator.go_round()
    assert (await room.card())["disposition"] == "shelved"
    assert "card.raised" not in await room.facts()
    for _ in range(3):
        await room.change(HOT, LAMP, raised=False)
        await room.change(HOT, LAMP, chatters=True)
    (shelving,) = await room.rows.fetch("SELECT * FROM alarm_shelvings")
    assert (shelving["cause"], shelving["times_raised"], shelving["owner"]) == ("chattering", 8, THE_POST.pseudonym)
    assert shelving["until"] - shelving["since"] == timedelta(hours=1)
    await room.settle(3_600)
    assert (await room.card())["disposition"] == "shown"
    assert (await room.facts())[-1] == "card.raised"


async def test_a_raw_alarm_is_kept_also_while_it_is_shelved(room: AlarmRoom) -> None:
    card = await show(room, LAMP)
    await room.do(ANNE, "shelve", card=card, until=room.clock.now() + timedelta(hours=1), reason="x")
    await room.change(DIRTY, LAMP)
    await room.settle()
    assert sorted((one["type"], one["disposition"]) for one in await room.cards()) == [
        ("lamps.dirty", "shown"),
        ("lamps.hot", "shelved"),
    ]
    assert len(await room.facts("alarm.raised")) == 2


async def test_out_of_service_and_works_are_known_to_the_desk_until_they_end(room: AlarmRoom) -> None:
    now = room.clock.now()
    lone = await room.do(ANNE, "take_out_of_service", twin=LAMP, type="lamps.hot", reason="remplacée")
    works = {"kind": "commune", "ids": [HERE]}
    asked = {"targets": works, "twin_type": "Lamp", "since": now, "until": now + timedelta(days=1), "reason": "voirie"}
    many = await room.do(ANNE, "declare_works", **asked)
    assert many["twins"] == 4
    found = await list_silences(room.rows, now)
    assert sorted((row["type"] or "", len(row["twin_nos"])) for row in found) == [("", 4), ("lamps.hot", 1)]
    assert any(b"silence:" in payload for payload in room.bus.said_on(ROOM_SUBJECT))
    assert len(await list_silences(room.rows, now + timedelta(days=1))) == 1
    await room.do(ANNE, "end_silence", id=lone["id"])
    assert [row["type"] for row in await list_silences(room.rows, now)] == [None]
    with pytest.raises(NotFound):
        await room.do(ANNE, "end_silence", id=lone["id"])


async def test_works_reach_only_where_the_actor_may_configure(room: AlarmRoom) -> None:
    now = room.clock.now()
    asked = {"twin_type": "Lamp", "since": now, "until": now + timedelta(hours=1), "reason": "x"}
    assert (await room.do(LOCAL, "declare_works", targets={"kind": "all"}, **asked))["twins"] == 4
    with pytest.raises(NotFound):
        await room.do(LOCAL, "declare_works", targets={"kind": "commune", "ids": [THERE]}, **asked)
    with pytest.raises(NotAllowed):
        await room.do(LOOKER, "declare_works", targets={"kind": "all"}, **asked)
    with pytest.raises(NotFound):
        await room.do(LOCAL, "take_out_of_service", twin=lamp(1, 0), reason="x")
    with pytest.raises(Refused, match="unknown_alarm_type"):
        await room.do(LOCAL, "take_out_of_service", twin=LAMP, type="lamps.none", reason="x")
    with pytest.raises(Refused, match="end_is_past"):
        await room.do(LOCAL, "declare_works", targets={"kind": "all"}, **{**asked, "since": now + timedelta(hours=2)})


async def test_what_was_cleared_by_works_is_off_the_list(room: AlarmRoom) -> None:
    await show(room, LAMP)
    await room.do(ANNE, "take_out_of_service", twin=LAMP, reason="remplacée")
    await room.change(HOT, LAMP, raised=False)
    await room.annunciator.go_round()
    assert (await room.card())["disposition"] == "out_of_service"


async def test_only_who_may_acknowledges_and_the_audit_has_it(room: AlarmRoom) -> None:
    card = await show(room, lamp(1, 0))
    with pytest.raises(NotFound):
        await room.do(LOCAL, "acknowledge", cards=[card])
    with pytest.raises(NotAllowed):
        await room.do(LOOKER, "acknowledge", cards=[card])
    with pytest.raises(Refused, match="bad_count"):
        await room.do(ANNE, "acknowledge")
    assert await room.do(ANNE, "acknowledge", cards=[card]) == {"acknowledged": 1}
    assert await room.do(ANNE, "acknowledge", cards=[card]) == {"acknowledged": 0}
    audit = await room.rows.fetch("SELECT act, subject, actor FROM audit ORDER BY line_no")
    assert [(row["act"], row["actor"]) for row in audit] == [("alarms.acknowledge", ANNE.pseudonym)] * 2
    assert audit[0]["subject"] == f"card:{card}"


async def test_acts_that_make_no_sense_are_refused(room: AlarmRoom) -> None:
    card = await show(room, LAMP)
    (alarm,) = await room.alarms()
    with pytest.raises(Refused, match="card_is_single"):
        await room.do(ANNE, "dissolve", card=card, reason="x")
    with pytest.raises(Refused, match="not_latched"):
        await room.do(ANNE, "reset", alarms=[alarm["id"]])
    await room.do(ANNE, "acknowledge", cards=[card])
    await room.change(HOT, LAMP, raised=False)
    await room.annunciator.go_round()
    with pytest.raises(Refused, match="card_is_over"):
        await room.do(ANNE, "shelve", card=card, until=room.clock.now() + timedelta(hours=1), reason="x")


async def test_facts_name_no_person_and_no_reason(room: AlarmRoom) -> None:
    card = await show(room, LAMP)
    await room.do(ANNE, "shelve", card=card, until=room.clock.now() + timedelta(hours=1), reason="Mme Martin absente")
    rows = await room.rows.fetch("SELECT payload::text AS payload, actor FROM events WHERE key = 'card.shelved'")
    assert [("Martin" in row["payload"], row["actor"]) for row in rows] == [(False, ANNE.pseudonym)]


async def test_a_thousand_alarms_are_acknowledged_by_one_act(room: AlarmRoom) -> None:
    lamps = [lamp(place, number) for place in range(3) for number in range(4)]
    for spec in (HOT, OUT, DIRTY, FIRE):
        await room.change(spec, *lamps)
    await room.settle()
    cards = [card["id"] for card in await room.cards()]
    assert (await room.do(ANNE, "acknowledge", cards=cards))["acknowledged"] == 48
    assert {card["unacknowledged"] for card in await room.cards()} == {0}
