"""What a person may not see or do is not on that person's screen."""

import pytest

from tests.faults.deadline import until
from tests.faults.running_post import RunningPost
from tests.journeys.conftest import Sit
from tests.journeys.seat import Seat

pytestmark = pytest.mark.journey
CHENOVE = "21166"
CARDS = """SELECT count(*) FROM alarm_cards
    WHERE over_at IS NULL AND merged_into IS NULL AND disposition = 'shown' AND by_commune ? $1"""
ALARMS = "#alarms [role=option]"
# Only the rows in sight are in the page: each says how many there are.
LISTED = "Number(document.querySelector('#alarms [role=option]')?.getAttribute('aria-setsize') ?? 0)"
# A way of looking at the map and the way to an incident change nothing.
ACTS = "[data-shortcut]:not([role=radio], [data-opens]), button.primary, form[aria-label]"


def break_a_lamp(post: RunningPost, commune: str) -> str:
    """A lamp that fails with two beside it (so that it is an alarm at once), once the post knows; returns its name."""
    rows = post.rows(
        """SELECT device FROM twins WHERE type = 'Streetlight' AND commune = $1 AND gateway =
           (SELECT gateway FROM twins WHERE type = 'Streetlight' AND commune = $1 ORDER BY device DESC LIMIT 1)
           ORDER BY device DESC LIMIT 3""",
        commune,
    )
    device: str = rows[0]["device"]
    for row in rows:
        post.order("sim", "fault", "--kind", "lamp_out", "--device", row["device"])
    until(
        "the failed lamp is an alarm",
        lambda: post.count("SELECT count(*) FROM alarms JOIN twins USING (twin_no) WHERE device = $1", device) > 0,
        60,
    )
    return device


def test_an_agent_of_one_commune_sees_its_lights_alarms_and_search_hits_only(night: RunningPost, sit: Sit) -> None:
    break_a_lamp(night, CHENOVE)
    elsewhere = break_a_lamp(night, "21231")
    own = night.count("SELECT count(*) FROM twins WHERE type = 'Streetlight' AND commune = $1", CHENOVE)
    marc = sit("marc")
    assert marc.ask("window.__ondijon.metrics.points") == own
    until("the list has its alarms", lambda: marc.ask(LISTED) == night.count(CARDS, CHENOVE), 20)
    assert all("Chenôve" in words for words in marc.page.locator(f"{ALARMS} .place").all_inner_texts())
    marc.press("/")
    marc.page.locator("dialog input").wait_for()
    marc.type("rue")
    marc.see("Point lumineux", "dialog")
    hits = [hit for hit in marc.page.get_by_role("option").all_inner_texts() if "Point lumineux" in hit]
    assert hits and all(hit.endswith("Chenôve") for hit in hits)
    marc.press("Control+a")
    marc.type(elsewhere)
    marc.see("Rien de ce nom.", "dialog")


def test_an_observer_has_nothing_to_command_with(sit: Sit) -> None:
    elue = sit("elue")
    elue.press("j")
    elue.see("État reçu")
    assert no_act(elue)
    elue.press("Escape", "t")
    elue.see("34 000 objets")
    assert no_act(elue)
    elue.press("Control+k")
    elue.page.locator("dialog input").wait_for()
    elue.type("toute la métropole")
    elue.press("Enter")
    elue.see("Votre rôle ne permet pas de commander ici.")
    elue.press("o")
    elue.see("Derniers ordres")
    assert no_act(elue)


def no_act(seat: Seat) -> bool:
    """Whether nothing on screen would change anything, keys included."""
    return seat.page.locator(ACTS).count() == 0
