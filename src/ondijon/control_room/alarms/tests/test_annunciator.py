"""Each alarm that is not over stands in exactly one card, whatever joins, leaves, ends or starts afresh."""

from collections.abc import Sequence

import msgspec
import pytest

from ondijon.control_room.alarms.tests.conftest import (
    ANNE,
    DIRTY,
    FIRE,
    HERE,
    HOT,
    LOCAL,
    OUT,
    THEFT,
    THERE,
    AlarmRoom,
    by_parent,
)
from ondijon.kernel.city import City
from ondijon.kernel.errors import NotFound
from ondijon.kernel.grouping import AlarmKinds, Cause, Signals
from ondijon.runtime.annunciator import CARD_SUBJECT, Annunciator
from ondijon.testing.builders import cabinet, lamp

pytestmark = pytest.mark.engines

GROUP = "kind = 'cabinet'"
FOUR = [lamp(0, number) for number in range(4)]


async def in_one_card_each(room: AlarmRoom) -> bool:
    """The promise: no standing alarm without a standing card."""
    lost = await room.rows.fetch(
        """SELECT a.id FROM alarms a LEFT JOIN alarm_cards c
               ON c.id = a.card_id AND c.over_at IS NULL AND c.merged_into IS NULL
           WHERE a.state <> 'normal' AND c.id IS NULL"""
    )
    return not lost


async def test_an_urgent_alarm_is_shown_at_once_and_a_minor_one_when_it_has_settled(room: AlarmRoom) -> None:
    await room.change(HOT, FOUR[0])
    await room.change(OUT, FOUR[1])
    assert await room.annunciator.go_round()
    assert [card["type"] for card in await room.cards()] == ["lamps.hot"]
    await room.settle()
    assert [card["type"] for card in await room.cards()] == ["lamps.hot", "lamps.out"]
    assert not await room.annunciator.go_round()
    assert await room.facts() == ["card.raised", "card.raised"]


async def test_a_burst_is_one_card_before_any_of_it_is_shown(room: AlarmRoom) -> None:
    await room.change(OUT, *FOUR)
    assert await room.annunciator.go_round()
    assert await room.cards() == []
    await room.settle()
    card = await room.card()
    assert (card["kind"], card["element"], card["members"], card["active"]) == ("cabinet", cabinet(0), 4, 4)
    assert card["explanation"]["key"] == "cause.cabinet"
    assert card["by_commune"] == {HERE: {"members": 4, "active": 4, "unacknowledged": 4}}
    assert await room.facts() == ["card.raised"]
    assert len(msgspec.json.decode(room.bus.said_on(CARD_SUBJECT)[-1])["ids"]) == 1


async def test_singles_that_were_shown_are_merged_into_their_cause_which_takes_their_incident(room: AlarmRoom) -> None:
    await room.change(OUT, FOUR[0])
    await room.settle()
    await room.change(HOT, FOUR[1])
    await room.annunciator.go_round()
    incident = "00000000-0000-0000-0000-0000000000aa"
    await room.rows.execute("UPDATE alarm_cards SET incident = $1 WHERE type = 'lamps.hot'", incident)
    await room.change(OUT, FOUR[2], FOUR[3])
    await room.annunciator.go_round()
    card = await room.card()
    assert (card["kind"], card["members"], card["priority"], str(card["incident"])) == ("cabinet", 4, 2, incident)
    merged = await room.cards("disposition = 'merged'")
    assert [one["merged_into"] for one in merged] == [card["id"]] * 2
    assert await in_one_card_each(room)
    assert (await room.facts())[-2:] == ["card.raised", "card.grouped"]


async def test_the_most_urgent_keep_a_card_of_their_own_beside_the_group(room: AlarmRoom) -> None:
    await room.change(FIRE, FOUR[0])
    await room.change(OUT, *FOUR[1:])
    await room.settle()
    group, single = await room.cards()
    assert (group["kind"], group["members"], group["priority"]) == ("cabinet", 3, 1)
    assert (single["kind"], single["type"], single["priority"]) == ("single", "lamps.fire", 1)
    await room.annunciator.go_round()
    assert len(await room.cards()) == 2


async def test_a_restart_forgets_nothing_and_makes_nothing_twice(room: AlarmRoom) -> None:
    await room.change(OUT, *FOUR, lamp(1, 0))
    await room.settle()
    before = await room.cards()
    again = Annunciator(room.city, room.rows, room.bus, room.clock, room.ids, by_parent)
    await again.start()
    for _ in range(2):
        await again.go_round()
    assert [dict(card) for card in await room.cards()] == [dict(card) for card in before]
    await room.change(OUT, *FOUR, raised=False)
    await again.go_round()
    assert [(card["kind"], card["active"]) for card in await room.cards()] == [("cabinet", 0), ("single", 1)]


async def test_what_was_lost_on_the_bus_is_found_by_looking_at_everything(room: AlarmRoom) -> None:
    await room.change(OUT, *FOUR)
    await room.annunciator.go_round()
    await room.rows.execute("UPDATE alarms SET state = 'normal', cleared_at = $1", room.clock.now())
    again = Annunciator(room.city, room.rows, room.bus, room.clock, room.ids, by_parent)
    await again.go_round()
    assert await room.cards() == []


async def test_a_card_is_over_when_all_its_alarms_are_and_a_new_one_is_a_new_card(room: AlarmRoom) -> None:
    await room.change(HOT, FOUR[0])
    await room.annunciator.go_round()
    first = await room.card()
    await room.do(ANNE, "acknowledge", cards=[first["id"]])
    await room.change(HOT, FOUR[0], raised=False)
    await room.annunciator.go_round()
    assert await room.cards() == []
    assert (await room.facts())[-1] == "card.closed"
    room.clock.advance(10)
    await room.change(HOT, FOUR[0])
    await room.annunciator.go_round()
    assert (await room.card())["id"] != first["id"]


async def test_what_comes_back_before_anybody_looked_is_annunciated_again(room: AlarmRoom) -> None:
    await room.change(HOT, FOUR[0])
    await room.annunciator.go_round()
    await room.change(HOT, FOUR[0], raised=False)
    await room.annunciator.go_round()
    await room.change(HOT, FOUR[0])
    await room.annunciator.go_round()
    assert await room.facts() == ["card.raised", "card.cleared", "card.raised_again"]
    assert (await room.card())["times_raised"] == 2


async def test_acknowledging_a_cause_acknowledges_all_its_alarms_and_soon_what_still_comes_in(room: AlarmRoom) -> None:
    await room.change(OUT, *FOUR[:3])
    await room.settle()
    card = await room.card()
    assert await room.do(ANNE, "acknowledge", cards=[card["id"]]) == {"acknowledged": 3}
    room.clock.advance(20)
    await room.change(OUT, FOUR[3])
    await room.annunciator.go_round()
    card = await room.card()
    assert (card["members"], card["unacknowledged"], card["acknowledged_by"]) == (4, 0, ANNE.pseudonym)
    assert (await room.facts()).count("card.raised_again") == 0


async def test_what_joins_an_acknowledged_cause_much_later_is_annunciated(room: AlarmRoom) -> None:
    await room.change(OUT, *FOUR[:3])
    await room.settle()
    await room.do(ANNE, "acknowledge", cards=[(await room.card())["id"]])
    room.clock.advance(3_600)
    await room.change(OUT, FOUR[3])
    await room.annunciator.go_round()
    assert (await room.card())["unacknowledged"] == 1
    assert (await room.facts())[-1] == "card.raised_again"


async def test_a_dissolved_group_stays_apart_while_it_stands_until_somebody_regroups_it(room: AlarmRoom) -> None:
    await room.change(OUT, *FOUR)
    await room.settle()
    group = await room.card()
    await room.do(ANNE, "dissolve", card=group["id"], reason="deux causes")
    for _ in range(2):
        await room.settle()
        assert [card["kind"] for card in await room.cards()] == ["single"] * 4
    assert [(card["dissolved"], card["over_at"] is not None) for card in await room.cards(GROUP)] == [(True, True)]
    await room.do(ANNE, "regroup", alarms=[one["id"] for one in await room.alarms()])
    await room.annunciator.go_round()
    assert (await room.card())["kind"] == "cabinet"
    assert await in_one_card_each(room)


async def test_one_alarm_taken_out_of_its_group_leaves_the_others_together(room: AlarmRoom) -> None:
    await room.change(OUT, *FOUR)
    await room.settle()
    group, lone = await room.card(), (await room.alarms())[3]
    await room.do(ANNE, "dissolve", card=group["id"], alarms=[lone["id"]], reason="autre cause")
    await room.annunciator.go_round()
    assert [(card["kind"], card["members"]) for card in await room.cards()] == [("cabinet", 3), ("single", 1)]


async def test_numbers_are_kept_by_commune_and_a_person_acts_on_their_own(room: AlarmRoom) -> None:
    await room.change(OUT, *FOUR, lamp(1, 0), lamp(1, 1))
    await room.settle()
    mine = await room.card(GROUP)
    theirs = (await room.cards("kind = 'single'"))[0]
    assert list(mine["by_commune"]) == [HERE] and list(theirs["by_commune"]) == [THERE]
    with pytest.raises(NotFound):
        await room.do(LOCAL, "acknowledge", cards=[theirs["id"]])
    assert await room.do(LOCAL, "acknowledge", cards=[mine["id"], theirs["id"]]) == {"acknowledged": 4}


class FailingGrouper:
    """A grouping with a fault in it."""

    def find_causes(self, signals: Signals, standing: Sequence[tuple[str, str]], now_us: int) -> Sequence[Cause]:
        raise ZeroDivisionError


async def test_a_grouping_that_fails_silences_no_alarm(room: AlarmRoom) -> None:
    def make_failing(city: City, kinds: AlarmKinds) -> FailingGrouper:
        return FailingGrouper()

    room.annunciator = Annunciator(room.city, room.rows, room.bus, room.clock, room.ids, make_failing)
    await room.annunciator.start()
    await room.change(OUT, *FOUR)
    await room.settle()
    assert [card["kind"] for card in await room.cards()] == ["single"] * 4
    assert await in_one_card_each(room)


async def test_in_a_flood_minor_alarms_of_one_kind_share_a_card_and_major_ones_do_not(room: AlarmRoom) -> None:
    room.annunciator = Annunciator(room.city, room.rows, room.bus, room.clock, room.ids, None)
    await room.annunciator.start()
    lamps = [lamp(place, number) for place in range(3) for number in range(2)]
    await room.change(OUT, *lamps)
    await room.change(DIRTY, *lamps[:5])
    await room.settle()
    assert [card["kind"] for card in await room.cards()].count("single") == 10
    await room.change(DIRTY, lamps[5])
    await room.settle()
    flood = await room.card("kind = 'flood'")
    assert (flood["element"], flood["members"], flood["priority"]) == ("lamps/lamps.dirty", 2, 4)
    await room.change(HOT, lamps[0])
    await room.annunciator.go_round()
    assert len(await room.cards("type = 'lamps.hot' AND kind = 'single'")) == 1
    room.clock.advance(601)
    await room.load(2)
    await room.do(ANNE, "acknowledge", cards=[flood["id"]])
    await room.change(DIRTY, lamps[5], raised=False)
    await room.change(DIRTY, lamps[5])
    await room.settle()
    assert (await room.cards("type = 'lamps.dirty' AND over_at IS NULL"))[-1]["kind"] == "single"
    assert await in_one_card_each(room)


async def test_a_latched_alarm_waits_for_its_reset_after_it_is_gone(room: AlarmRoom) -> None:
    await room.change(THEFT, FOUR[0])
    await room.annunciator.go_round()
    card = await room.card()
    await room.do(ANNE, "acknowledge", cards=[card["id"]])
    await room.change(THEFT, FOUR[0], raised=False)
    await room.annunciator.go_round()
    card = await room.card()
    assert (card["active"], card["latched"], card["over_at"]) == (0, 1, None)
    await room.do(ANNE, "reset", alarms=[(await room.alarms())[0]["id"]])
    assert await room.cards() == []
