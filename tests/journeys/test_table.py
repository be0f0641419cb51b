"""The table does what the map does: filter, choose, command, see it confirmed; by keyboard alone."""

import re
from typing import Any

import pytest

from tests.faults.deadline import until
from tests.faults.running_post import RunningPost
from tests.journeys.seat import Seat

pytestmark = pytest.mark.journey
LONGVIC = "21355"


def shown(seat: Seat) -> int:
    """How many assets the table says it shows."""
    words = seat.page.locator("main footer [role=status]").inner_text()
    return int(re.sub(r"\D", "", words.split("objet")[0]))


def last_order(post: RunningPost) -> dict[str, Any]:
    orders: list[dict[str, Any]] = post.desk("amine").get("/api/commands")
    return orders[0]


def test_the_table_filters_chooses_and_commands_by_keyboard(night: RunningPost, amine: Seat) -> None:
    all_of_longvic = night.count("SELECT count(*) FROM twins WHERE type = 'Streetlight' AND commune = $1", LONGVIC)
    amine.press("t")
    until("the table has the keyboard", lambda: amine.has_focus() == "Tableau des objets", 10)
    amine.tab_to("Niveau", key="Shift+Tab")
    amine.press("End")
    amine.tab_to("Commune", key="Shift+Tab", most=3)
    amine.type("Longvic")
    until("only Longvic is left", lambda: 0 < shown(amine) <= all_of_longvic, 10)
    full = shown(amine)
    amine.tab_to("Tableau des objets")
    amine.press("Space", "ArrowDown", "Space", "ArrowDown", "Space")
    amine.see("3 objets choisis", "main footer")
    amine.tab_to("Commander 3 objets")
    amine.press("Enter")
    amine.see("Cochés dans le tableau", "#detail")
    amine.press("l", "Tab", "Control+a")
    amine.type("40")
    amine.page.locator("form button[type=submit]:not([disabled])").wait_for()
    amine.press("Enter")
    amine.see("confirmé", "#detail")
    until("the three lights confirm", lambda: last_order(night)["state"] == "confirmed", 60)
    targets = night.desk("amine").get(f"/api/commands/{last_order(night)['id']}/targets")
    assert len(targets) == 3 and all(f":{LONGVIC}:" in target["id"] for target in targets)
    for target in targets:
        state = night.desk("amine").get(f"/api/twin/{target['id']}")["state"]
        assert round(state["level_pct"]["value"]) == 40
    # They are no longer at full level: the live filter lets them go.
    until("the three have left the filter", lambda: shown(amine) == full - 3, 15)
