"""Language and theme change under a map that lives on, and are remembered."""

import pytest

from tests.faults.deadline import until
from tests.faults.running_post import RunningPost
from tests.journeys.seat import Seat

pytestmark = pytest.mark.journey
CAMERA = "JSON.stringify([window.__ondijon.stage.map.getCenter(), window.__ondijon.stage.map.getZoom()])"
STILL = "window.__ondijon.stage.map.getZoom() > 16.99 && !window.__ondijon.stage.map.isMoving()"
SAME = "window.__first === window.__ondijon.stage.map && document.body.contains(window.__canvas)"
# The newest observation that the map itself draws from.
DRAWN = """(() => {
    const seen = window.__ondijon.stage.paintedTypes()[0].live.get('level_pct').observedS
    return seen.reduce((newest, one) => Math.max(newest, one), 0)
})()"""
THEME = "document.documentElement.dataset.theme"


def run_action(seat: Seat, words: str) -> None:
    seat.press("Control+k")
    seat.page.locator("dialog input").wait_for()
    seat.type(words)
    seat.press("Enter")


def test_language_and_theme_keep_the_map_and_its_camera_and_the_map_stays_live(
    night: RunningPost, claire: Seat
) -> None:
    claire.press("j", "g")
    until("the camera is there", lambda: claire.ask(STILL), 10)
    claire.ask(
        "(() => { window.__first = window.__ondijon.stage.map; window.__canvas = window.__first.getCanvas() })()"
    )
    camera = claire.ask(CAMERA)
    run_action(claire, "switch to english")
    claire.see("Alarms", "#alarms")
    run_action(claire, "light or dark")
    until("the theme is dark", lambda: claire.ask(THEME) == "dark", 5)
    assert claire.ask(SAME) and claire.ask(CAMERA) == camera
    newest = claire.ask(DRAWN)
    night.order("sim", "report")
    until("the map draws newer reports", lambda: claire.ask(DRAWN) > newest, 30)
    claire.page.reload()
    claire.wait_until_live()
    claire.see("Alarms", "#alarms")
    assert claire.ask(THEME) == "dark"
    assert claire.ask("document.documentElement.lang") == "en"
