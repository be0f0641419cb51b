"""Notifications behind the real door: told, read, passed on, carried out, over real rows."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from ondijon.control_room.notifications import queries
from ondijon.control_room.notifications.model import MOST_TRIES, UNREAD_AFTER
from ondijon.control_room.notifications.tests.conftest import HERE, LEADER, OPERATOR, Bench
from ondijon.kernel.errors import EngineAway, NotFound, Refused
from ondijon.kernel.events import Event
from ondijon.testing.builders import person

pytestmark = pytest.mark.engines
# A job looks a moment after the time has come.
STEP = UNREAD_AFTER + timedelta(seconds=1)


async def test_who_is_called_is_told_once_for_each_fact(bench: Bench) -> None:
    payload = {"number": "2026-000123", "what": "Lampe éteinte", "people": [str(OPERATOR.pseudonym)], "text": "..."}
    event = Event(
        UUID(int=5),
        "incident.mentioned",
        bench.clock.now(),
        HERE,
        None,
        payload,
        "lamps",
        "incident:7",
        LEADER.pseudonym,
    )
    await bench.follow(event)
    assert (await bench.told(OPERATOR), await bench.told(LEADER)) == (["incident.mentioned"], [])
    row = await bench.rows.fetch_one("SELECT values, by FROM notices")
    assert row is not None
    assert row["values"] == {"number": "2026-000123", "what": "Lampe éteinte", "place": "Fénay-0"}
    assert row["by"] == LEADER.pseudonym


async def test_broken_glass_is_told_to_who_may_audit_but_not_to_who_broke_it(bench: Bench) -> None:
    fact = Event(
        UUID(int=5), "identity.glass_broken", bench.clock.now(), None, None, {"minutes": 15}, "identity", "glass:1",
        OPERATOR.pseudonym,
    )  # fmt: skip
    await bench.follow(fact)
    assert (await bench.told(OPERATOR), await bench.told(LEADER)) == ([], ["identity.glass_broken"])


async def test_an_unread_urgent_notice_climbs_to_the_leaders_then_to_the_officer_on_call(bench: Bench) -> None:
    await bench.enter_on_call()
    await bench.tell("incident.breached_respond", urgent=True, people=(OPERATOR.pseudonym,))
    await bench.wait(UNREAD_AFTER - timedelta(seconds=1))
    assert await bench.told(LEADER) == []
    await bench.wait(timedelta(seconds=2))
    assert await bench.told(LEADER) == ["incident.breached_respond"]
    await bench.wait(STEP)
    assert [(row["way"], row["address"]) for row in await bench.deliveries()] == [
        ("mail", "cadre@ville.example"),
        ("sms", "06 39 98 10 01"),
    ]
    await bench.wait(STEP)
    await bench.wait(STEP)
    assert await bench.facts() == [
        "notification.passed_to_leaders",
        "notification.passed_to_on_call",
        "notification.left_unread",
    ]


async def test_reading_ends_the_chase_and_is_told_once(bench: Bench) -> None:
    await bench.tell("incident.breached_respond", urgent=True, people=(OPERATOR.pseudonym,))
    assert await bench.read_all(OPERATOR) == {"read": 1}
    assert await bench.read_all(OPERATOR) == {"read": 0}
    for _ in range(4):
        await bench.wait(STEP)
    assert await bench.told(LEADER) == []
    assert await bench.facts() == ["notification.answered"]


async def test_nobody_reads_for_another(bench: Bench) -> None:
    await bench.tell("incident.breached_respond", urgent=True, people=(OPERATOR.pseudonym,))
    assert await bench.read_all(LEADER) == {"read": 0}
    with pytest.raises(NotFound):
        await bench.read_all(person("nobody", communes=()))
    await bench.wait(STEP)
    assert await bench.told(LEADER) == ["incident.breached_respond"]


async def test_what_can_wait_chases_nobody(bench: Bench) -> None:
    await bench.tell(people=(OPERATOR.pseudonym,))
    for _ in range(4):
        await bench.wait(STEP)
    assert (await bench.told(LEADER), await bench.facts()) == ([], [])


async def test_a_rung_without_anybody_is_passed_over_at_once(bench: Bench) -> None:
    await bench.enter_on_call(hours="Su 08:00-09:00")
    await bench.tell("incident.breached_respond", urgent=True, people=(LEADER.pseudonym,))
    await bench.wait(STEP)
    # The leader was told already and nobody is on call now: there is nobody left.
    assert await bench.facts() == ["notification.left_unread"]


async def test_with_nobody_to_tell_it_climbs_without_waiting(bench: Bench) -> None:
    await bench.enter_on_call()
    await bench.tell("incident.breached_respond", urgent=True, people=(UUID(int=404),))
    await bench.pass_time(0)
    assert await bench.told(LEADER) == ["incident.breached_respond"]


async def test_a_priority_1_card_unacknowledged_in_time_is_told_once_and_ends_when_it_is_acknowledged(
    bench: Bench,
) -> None:
    await bench.rows.execute(
        """INSERT INTO alarm_cards (id, kind, element, type, trade, priority, first_alarm, members, active,
                                    unacknowledged, by_commune, expected, explanation, position, raised_at)
           VALUES ($1, 'single', 'P-0', 'water.dry', 'water', 1, $1, 1, 1, 1, $2, '{}', '{}', '(5,47)', $3)""",
        UUID(int=77),
        {HERE: {"members": 1, "active": 1, "unacknowledged": 1}},
        bench.clock.now(),
    )
    await bench.pass_time(59)
    assert await bench.told(OPERATOR) == []
    await bench.pass_time(2)
    await bench.pass_time(2)
    assert await bench.told(OPERATOR) == ["card.unacknowledged"]
    await bench.rows.execute("UPDATE alarm_cards SET acknowledged_at = $1", bench.clock.now())
    for _ in range(3):
        await bench.wait(STEP)
    assert await bench.facts() == []
    row = await bench.rows.fetch_one("SELECT state, values FROM notices")
    assert row is not None and row["state"] == "over"
    assert row["values"] == {"what": "water.alarm.dry", "element": "P-0", "place": "Fénay-0", "minutes": 1}


async def test_an_order_that_waits_five_minutes_is_told_to_who_may_approve_but_not_to_its_author(bench: Bench) -> None:
    await bench.rows.execute(
        """INSERT INTO commands (id, idempotency_key, key, trade, twin_type, hold_group, state, reason, payload,
               selection, risk_class, issuer, issuer_name, requested_at, expires_s, expires_at, communes, counts)
           VALUES ($1, $1, 'lamps.dim', 'lamps', 'Lamp', 'level', 'awaiting_approval', '', '{}', '{}', 3, $2, 'x', $3,
                   60, $3, $4, '{}')""",
        UUID(int=88),
        OPERATOR.pseudonym,
        bench.clock.now(),
        [HERE],
    )
    await bench.pass_time(299)
    assert await bench.told(LEADER) == []
    await bench.pass_time(2)
    assert (await bench.told(LEADER), await bench.told(OPERATOR)) == (["command.awaiting_approval"], [])


async def test_a_message_leaves_by_each_of_a_persons_ways(bench: Bench) -> None:
    await bench.give_address(OPERATOR, "mail", "operator@ville.example")
    await bench.give_address(OPERATOR, "sms", "06 39 98 10 02")
    await bench.tell("incident.breached_respond", urgent=True, people=(OPERATOR.pseudonym,))
    assert await bench.courier().go_round() == 2
    address, subject, text, key = bench.mail.sent[0]
    assert (address, bench.sms.sent[0][0]) == ("operator@ville.example", "06 39 98 10 02")
    assert subject == "Incident 2026-000123 (Lampe éteinte), Ici : délai d’intervention de 10 min dépassé"
    assert text.endswith("\nhttps://poste.example/#/incidents/7") and "Operator" not in text
    states = {(row["way"], row["state"], row["receipt"]) for row in await bench.deliveries()}
    assert states == {("mail", "sent", "receipt 1"), ("sms", "sent", "receipt 1")}
    assert await bench.courier().go_round() == 0


async def test_a_way_whose_receipt_is_the_receivers_own_word_is_delivered(bench: Bench) -> None:
    bench.mail.confirms = True
    await bench.give_address(OPERATOR, "mail", "operator@ville.example")
    await bench.tell(people=(OPERATOR.pseudonym,))
    await bench.courier().go_round()
    assert [row["state"] for row in await bench.deliveries()] == ["delivered"]


async def test_what_does_not_get_through_is_tried_again_later_and_later_and_then_given_up(bench: Bench) -> None:
    await bench.give_address(OPERATOR, "mail", "operator@ville.example")
    await bench.tell(people=(OPERATOR.pseudonym,))
    bench.mail.trouble = EngineAway
    courier, waits = bench.courier(), []
    for _ in range(MOST_TRIES):
        assert await courier.go_round() == 1
        row = (await bench.deliveries())[0]
        assert await courier.go_round() == 0
        if row["state"] == "queued":
            waits.append((row["next_try_at"] - bench.clock.now()).total_seconds())
            bench.clock.advance(waits[-1])
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900, 900]
    assert (row["state"], row["tries"], row["last_error"]) == ("failed", 10, "error.mail_away {'detail': 'test'}")
    await bench.pass_time(1)
    await bench.pass_time(1)
    assert await bench.facts() == ["notification.given_up"]


async def test_what_is_refused_is_not_tried_again(bench: Bench) -> None:
    await bench.give_address(OPERATOR, "mail", "operator@ville.example")
    await bench.tell(people=(OPERATOR.pseudonym,))
    bench.mail.trouble = Refused
    await bench.courier().go_round()
    assert [(row["state"], row["tries"]) for row in await bench.deliveries()] == [("failed", 1)]


async def test_a_way_that_the_post_was_not_given_fails_openly(bench: Bench) -> None:
    await bench.give_address(OPERATOR, "webhook", "https://hook.example/x")
    await bench.tell(people=(OPERATOR.pseudonym,))
    assert await bench.courier().go_round() == 0
    row = (await bench.deliveries())[0]
    assert (row["state"], row["last_error"]) == ("failed", "error.no_messenger")


async def test_an_erased_address_fails_openly(bench: Bench) -> None:
    await bench.give_address(OPERATOR, "mail", "operator@ville.example")
    await bench.tell(people=(OPERATOR.pseudonym,))
    await bench.rows.execute("UPDATE notification_deliveries SET address = NULL")
    await bench.courier().go_round()
    assert bench.mail.sent == []
    assert [row["state"] for row in await bench.deliveries()] == ["failed"]


async def test_two_couriers_at_once_send_each_message_once(bench: Bench) -> None:
    await bench.give_address(OPERATOR, "mail", "operator@ville.example")
    for _ in range(30):
        await bench.tell(people=(OPERATOR.pseudonym,))
    rounds = await asyncio.gather(*(bench.courier().go_round() for _ in range(2)))
    while sum(rounds) < 30:
        rounds.append(await bench.courier().go_round())
    keys = [key for *_, key in bench.mail.sent]
    assert (len(keys), len(set(keys))) == (30, 30)


async def test_a_courier_that_dies_after_sending_is_followed_by_one_that_sends_the_same_key(bench: Bench) -> None:
    await bench.give_address(OPERATOR, "mail", "operator@ville.example")
    await bench.tell(people=(OPERATOR.pseudonym,))
    now = bench.clock.now()
    leased = await queries.lease_deliveries(bench.rows, ["mail"], now, now + timedelta(minutes=2), 10)
    await bench.mail.send(leased[0]["address"], "", "", leased[0]["notification"])
    # It dies here, before anything is recorded: nobody touches the message while the lease stands.
    assert await bench.courier().go_round() == 0
    bench.clock.advance(121)
    assert await bench.courier().go_round() == 1
    assert len({key for *_, key in bench.mail.sent}) == 1 and len(bench.mail.sent) == 2
    assert [(row["state"], row["tries"]) for row in await bench.deliveries()] == [("sent", 2)]


async def test_a_sender_that_comes_late_overwrites_nothing(bench: Bench) -> None:
    await bench.give_address(OPERATOR, "mail", "operator@ville.example")
    await bench.tell(people=(OPERATOR.pseudonym,))
    now = bench.clock.now()
    late = (await queries.lease_deliveries(bench.rows, ["mail"], now, now + timedelta(minutes=2), 10))[0]
    bench.clock.advance(121)
    await bench.courier().go_round()
    bench.mail.trouble = Refused
    await bench.courier()._carry(late)
    assert [row["state"] for row in await bench.deliveries()] == ["sent"]


async def test_an_address_is_ones_own_and_can_be_taken_back(bench: Bench) -> None:
    await bench.give_address(OPERATOR, "mail", "operator@ville.example")
    await bench.give_address(OPERATOR, "mail", "autre@ville.example")
    with pytest.raises(Refused, match="notification_address"):
        await bench.give_address(OPERATOR, "webhook", "http://hook.example")
    rows = await bench.rows.fetch("SELECT person, address FROM notification_addresses")
    assert [tuple(row.values()) for row in rows] == [(OPERATOR.pseudonym, "autre@ville.example")]
    await bench.room.do(OPERATOR, "notifications.set_address", {"way": "mail", "address": None})
    assert await bench.rows.fetch("SELECT 1 FROM notification_addresses") == []
