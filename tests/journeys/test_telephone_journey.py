"""The telephone rings: who answers sees it in the top bar, takes it by keys and finds a place as the caller says it."""

import json
import urllib.request
from typing import Any

import pytest

from tests.faults.deadline import until
from tests.faults.running_post import RunningPost
from tests.journeys.seat import Seat

pytestmark = pytest.mark.journey
DETAIL = "#detail"
SHOWN = "03\u00a080\u00a012\u00a034\u00a056"
IN_MENU = "document.activeElement?.closest('#views') !== null"


def tell(post: RunningPost, event: str, call: str, **more: Any) -> None:
    """What a telephone system tells, at the post's own time."""
    at = post.card.clock().now()
    body = json.dumps({"event": event, "call": call, "at": at.isoformat(), **more}).encode()
    token = (post.home / "cti-token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{post.origin}/api/cti/events", body, headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 204


def test_a_ringing_call_is_answered_by_keys_and_its_place_found_as_it_is_said(night: RunningPost, amine: Seat) -> None:
    tell(night, "ringing", "journey-1", number="0380123456")
    amine.see("1 appel ·")
    amine.press("v")
    until("the menu has the keyboard", lambda: amine.ask(IN_MENU), 10)
    amine.press("c")
    amine.page.locator("#calls .call").filter(has_text=SHOWN).first.wait_for()
    amine.tab_to("Décrocher")
    amine.press("Enter")
    amine.see("en cours", DETAIL)
    until("the type has the keyboard", lambda: amine.has_focus() == "Type d’incident", 10)
    amine.tab_to("Lieu")
    amine.type("face au douze ru de la republik dijon")
    amine.page.get_by_role("option").filter(has_text="12 Rue de la République").first.wait_for()
    amine.press("Enter")
    amine.see("Tout est enregistré.", DETAIL)
    tell(night, "ended", "journey-1")
    amine.see("terminé", DETAIL)
    amine.page.locator("#calls .call").filter(has_text=SHOWN).first.wait_for(state="detached")
