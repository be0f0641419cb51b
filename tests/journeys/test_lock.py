"""A screen locks over everything, keeps the work behind it, and opens again by keyboard alone."""

import pytest
from playwright.sync_api import Page

from tests.faults.deadline import until
from tests.faults.running_post import RunningPost
from tests.journeys.seat import LIVE, Seat
from tests.journeys.test_accessibility import AXE, violations

pytestmark = pytest.mark.journey
WORDS = "Un arbre est tombé sur la chaussée"


def lock_here(page: Page) -> None:
    """As another window of the same session would."""
    page.evaluate("fetch('/api/session/lock', { method: 'POST', headers: { 'X-Ondijon': '1' } })")
    page.locator("dialog[aria-labelledby=lock-title]").wait_for()


def wait_for_the_room(page: Page) -> None:
    """Live and whole: what is locked before that keeps nothing and shows the sign-in page."""
    until("it is live", lambda: page.evaluate(LIVE), 30)
    until("it is whole", lambda: page.evaluate("(window.__ondijon?.metrics?.wholeMs ?? 0) > 0"), 30)


def shows_lock(page: Page) -> bool:
    return page.locator("dialog[aria-labelledby=lock-title]").count() > 0


def test_work_under_way_is_there_again_after_the_lock(amine: Seat, night: RunningPost) -> None:
    page = amine.page
    wait_for_the_room(page)
    amine.find("ouvrir un inci", "Ouvrir un incident")
    page.locator("#incident-type").wait_for()
    page.locator("dialog textarea").first.focus()
    amine.type(WORDS)
    page.evaluate(AXE.read_text("utf-8"))
    lock_here(page)
    until("the password has the focus", lambda: "Mot de passe" in amine.has_focus(), 5)
    assert violations(page) == []
    # Nothing of the room is reached: not by Escape, not by Tab, not by its letters.
    amine.press("Escape")
    assert shows_lock(page)
    for _ in range(8):
        amine.press("Tab")
        inside = page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
        assert inside
    amine.press("Shift+Tab")
    page.locator("dialog[aria-labelledby=lock-title] input[type=password]").focus()
    amine.type("pas le bon")
    amine.press("Enter")
    amine.see("Mot de passe inexact")
    amine.type(night.password("amine"))
    amine.press("Enter")
    until("the lock is gone", lambda: not shows_lock(page), 10)
    assert page.locator("dialog textarea").first.input_value() == WORDS
    until("the focus is back where it was", lambda: page.evaluate("document.activeElement.tagName") == "TEXTAREA", 5)
    amine.wait_until_live()


def test_a_locked_screen_that_is_opened_anew_asks_for_the_password_alone(amine: Seat, night: RunningPost) -> None:
    page = amine.page
    wait_for_the_room(page)
    lock_here(page)
    page.reload()
    amine.see("Session de Amine Diallo")
    assert page.locator("input[name=username]").count() == 0
    page.locator("input[type=password]").focus()
    amine.type(night.password("amine"))
    amine.press("Enter")
    amine.wait_until_live()


def test_every_window_of_a_session_locks_and_opens_together(amine: Seat, night: RunningPost) -> None:
    other = amine.context.new_page()
    other.goto(night.origin)
    for page in (amine.page, other):
        wait_for_the_room(page)
    lock_here(amine.page)
    other.locator("dialog[aria-labelledby=lock-title]").wait_for()
    amine.type(night.password("amine"))
    amine.press("Enter")
    until("both are open", lambda: not shows_lock(amine.page) and not shows_lock(other), 10)


def test_emergency_access_is_taken_shown_to_the_room_and_given_back(claire: Seat, amine: Seat) -> None:
    amine.press("Control+k")
    amine.page.locator("dialog input").wait_for()
    amine.type("urgence")
    amine.page.get_by_role("option").filter(has_text="Prendre un accès d’urgence").first.wait_for()
    amine.press("Enter")
    amine.page.locator("dialog textarea").wait_for()
    amine.type("Fuite de gaz rue Devosge, astreinte injoignable")
    amine.tab_to("Prendre l’accès et prévenir la salle")
    amine.press("Enter")
    amine.see("Accès d’urgence en cours")
    claire.see("Accès d’urgence pris")
    claire.press("v", "p")
    claire.see("Table des droits")
    claire.see("Fuite de gaz rue Devosge")
    claire.page.evaluate(AXE.read_text("utf-8"))
    assert violations(claire.page) == []
    amine.tab_to("Rendre", most=80)
    amine.press("Enter")
    until("it is given back", lambda: amine.page.get_by_text("Accès d’urgence en cours").count() == 0, 10)
