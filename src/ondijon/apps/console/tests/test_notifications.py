"""Notifications over HTTP: one's own, and nothing of what one may not see."""

from uuid import UUID

import pytest

from ondijon.apps.console.tests.conftest import OTHER, OWN, Desk

pytestmark = pytest.mark.engines


async def tell(desk: Desk, who: str, number: int, trade: str, commune: str | None) -> str:
    """A notice for one person, with a mail that failed."""
    notice, notification = UUID(int=number), UUID(int=number << 32)
    person = (await desk.actor(who)).pseudonym
    await desk.rows.execute(
        """INSERT INTO notices (id, key, subject, trade, commune, values, urgent, at, by, step, state, due_at)
           VALUES ($1, 'incident.mentioned', 'incident:7', $2, $3, $4, true, $5, $6, 0, 'waiting', $5)""",
        notice,
        trade,
        commune,
        {"number": "2026-000123", "what": "Lampe éteinte", "place": "Ici"},
        desk.clock.now(),
        (await desk.actor("chief")).pseudonym,
    )
    await desk.rows.execute(
        "INSERT INTO notifications (id, notice, recipient, at) VALUES ($1, $2, $3, $4)",
        notification,
        notice,
        person,
        desk.clock.now(),
    )
    await desk.rows.execute(
        """INSERT INTO notification_deliveries (notification, way, address, title, text, state, tries, last_error,
                                                queued_at)
           VALUES ($1, 'mail', 'secret@ville.example', 't', 't', 'failed', 1, 'error.mail_refused', $2)""",
        notification,
        desk.clock.now(),
    )
    return str(notification)


async def test_one_reads_ones_own_about_what_one_may_see(desk: Desk) -> None:
    mine = await tell(desk, "local", 1, "lamps", OWN)
    await tell(desk, "local", 2, "lamps", OTHER)
    await tell(desk, "local", 3, "water", OWN)
    anywhere = await tell(desk, "local", 4, "lamps", None)
    found = (await desk.ask("GET", "/api/notifications", "local")).json()
    assert {one["id"] for one in found} == {mine, anywhere}
    assert found[0] == {
        "id": anywhere,
        "at": "2026-11-21T20:00:00Z",
        "key": "notification.incident.mentioned",
        "values": {"number": "2026-000123", "what": "Lampe éteinte", "place": "Ici"},
        "subject": "incident:7",
        "read_at": None,
        "urgent": True,
        "by": "Chief",
    }
    assert (await desk.ask("GET", "/api/notifications", "chief")).json() == []
    assert (await desk.ask("GET", "/api/notifications")).status_code == 401


async def test_reading_is_for_oneself(desk: Desk) -> None:
    mine = await tell(desk, "local", 1, "lamps", OWN)
    for number, who in enumerate(["chief", "local"]):
        body = {"key": "notifications.read", "payload": {"ids": [mine]}, "idempotency_key": str(UUID(int=90 + number))}
        answer = await desk.ask("POST", "/api/acts", who, body)
        assert answer.json() == {"result": {"read": number}}
    (one,) = (await desk.ask("GET", "/api/notifications", "local")).json()
    assert one["read_at"] is not None


async def test_deliveries_are_for_who_audits_and_say_no_address(desk: Desk) -> None:
    await tell(desk, "local", 1, "lamps", OWN)
    await tell(desk, "local", 2, "water", OWN)
    grants = [{"role": "a", "communes": [OWN], "trades": ["lamps"], "verbs": ["see", "audit"]}]
    await desk.rows.execute("UPDATE users SET grants = $1 WHERE username = 'second'", grants)
    answer = await desk.ask("GET", "/api/notifications/deliveries", "second")
    assert [(one["way"], one["state"], one["last_error"]) for one in answer.json()] == [
        ("mail", "failed", "error.mail_refused")
    ]
    assert "secret@" not in answer.text
    assert (await desk.ask("GET", "/api/notifications/deliveries", "observer")).json() == []


async def test_addresses_are_ones_own(desk: Desk) -> None:
    payload = {"way": "mail", "address": "local@ville.example"}
    body = {"key": "notifications.set_address", "payload": payload, "idempotency_key": str(UUID(int=90))}
    assert (await desk.ask("POST", "/api/acts", "local", body)).status_code == 200
    mine = (await desk.ask("GET", "/api/notifications/addresses", "local")).json()
    assert [(one["way"], one["address"]) for one in mine] == [("mail", "local@ville.example")]
    assert (await desk.ask("GET", "/api/notifications/addresses", "chief")).json() == []
