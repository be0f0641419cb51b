"""A call rings, becomes an incident with a promise, and comes back on the list when the incident is over."""

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.faults.deadline import until
from tests.faults.running_post import RunningPost
from tests.journeys.conftest import Sit
from tests.journeys.seat import Seat

pytestmark = pytest.mark.journey
RESOLVE = """(async () => {
    const id = location.hash.split('/').at(-1)
    const headers = { 'X-Ondijon': '1', 'Content-Type': 'application/json' }
    const get = () => fetch('/api/incidents/' + id).then((answer) => answer.json())
    const ask = async (key, more) => {
        const payload = { id, version: (await get()).version, ...more }
        const body = JSON.stringify({ key, payload, idempotency_key: crypto.randomUUID() })
        const answer = await fetch('/api/acts', { method: 'POST', headers, body })
        return [answer.status, await answer.text()]
    }
    const { type, severity } = await get()
    return [
        await ask('incidents.qualify', { type, severity }),
        await ask('incidents.start', { text: '' }),
        await ask('incidents.resolve', { text: 'réparé' }),
    ]
})()"""
NUMBER, SHOWN = "0380123456", "03\u00a080\u00a012\u00a034\u00a056"


def tell(post: RunningPost, event: str, call: str, **more: Any) -> None:
    """What a telephone system tells, at the post's own time."""
    offset_s = json.loads((post.home / "post.json").read_text())["clock_offset_s"]
    at = datetime.now(UTC) + timedelta(seconds=offset_s)
    body = json.dumps({"event": event, "call": call, "at": at.isoformat(), **more}).encode()
    token = (post.home / "cti-token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{post.origin}/api/cti/events", body, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 204


def go_to(seat: Seat, label: str) -> None:
    """Tab until the keyboard is on the field or button with this label."""
    for _ in range(80):
        if seat.has_focus().startswith(label):
            return
        seat.press("Tab")
    raise AssertionError(f"no way to {label} by keyboard")


def answer(seat: Seat) -> None:
    """From the top bar's badge to the card."""
    seat.see("1 appel ·")
    seat.press("v", "c")
    seat.page.locator("#calls .call").first.wait_for()
    go_to(seat, "Décrocher")
    seat.press("Enter")
    seat.see("en cours", "aside")
    until("the type has the keyboard", lambda: seat.has_focus() == "Type d’incident", 10)


def note(seat: Seat) -> None:
    """What, where and what is said; the card saves itself."""
    seat.type("lampe éteinte")
    seat.page.get_by_role("option").filter(has_text="Lampe éteinte").first.wait_for()
    seat.press("Enter")
    go_to(seat, "Lieu")
    seat.type("face au 12 ru de la republik dijon")
    seat.page.get_by_role("option").filter(has_text="12 Rue de la République").first.wait_for()
    seat.press("Enter")
    go_to(seat, "Ce qui est dit")
    seat.type("la rue est toute noire")
    seat.see("Tout est enregistré.")
    seat.press("Escape")


def promise(seat: Seat) -> None:
    seat.press("y")
    seat.see("Ce qui a été promis")
    go_to(seat, "Noter la promesse")
    seat.press("Enter")
    seat.see("Promesse", "aside")


def open_incident(seat: Seat) -> None:
    seat.press("c")
    seat.page.locator("dialog").wait_for()
    go_to(seat, "Ouvrir")
    seat.press("Enter")
    seat.see("signalé", "aside")


def resolve(seat: Seat) -> None:
    """An incident's steps have a journey of their own: here it is asked as the panel would."""
    answers = seat.ask(RESOLVE)
    assert [status for status, _ in answers] == [200, 200, 200], answers


def call_back(seat: Seat) -> None:
    seat.press("v", "c")
    go_to(seat, "À rappeler")
    seat.press("Enter")
    row = seat.page.locator("#calls .call").filter(has_text=SHOWN).first
    row.wait_for()
    row.focus()
    seat.press("Enter")
    seat.see("À rappeler : l’incident est terminé")
    seat.see("tenue", "aside")
    seat.press("z")
    seat.see("Joint et informé")
    go_to(seat, "Noter")
    seat.press("Enter")
    seat.see("L’appelant a été rappelé.")


def test_a_call_becomes_an_incident_with_a_promise_and_comes_back(sit: Sit, night: RunningPost) -> None:
    amine = sit("amine")
    tell(night, "ringing", "journey-1", number=NUMBER)
    answer(amine)
    note(amine)
    promise(amine)
    open_incident(amine)
    tell(night, "ended", "journey-1")
    resolve(amine)
    call_back(amine)
