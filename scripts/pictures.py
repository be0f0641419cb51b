"""Takes the pictures of docs/pictures from the generated city at ten in the evening, in real Chromium."""

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import sync_playwright

from scripts.png_palette import reduce_colours
from tests.faults.deadline import until
from tests.faults.running_post import RunningPost
from tests.journeys.conftest import FLAGS
from tests.journeys.seat import Seat

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
LARGEST_BYTES = 400_000
LAMP_OUT = "SELECT device FROM twins WHERE type = 'Streetlight' AND commune = '21231' ORDER BY device LIMIT 1 OFFSET 60"
FEEDER = """SELECT attributes ->> 'grid_feeder' AS feeder FROM twins WHERE type = 'StreetlightControlCabinet'
    GROUP BY 1 ORDER BY count(*), 1 LIMIT 1"""
AREA = ((560, 330), (790, 300), (850, 470), (640, 520))
IDLE = "!window.__ondijon.stage.map.isMoving() && window.__ondijon.stage.map.areTilesLoaded()"


class Photographer:
    """Two people before the same night: one orders, one approves."""

    def __init__(self, claire: Seat, amine: Seat) -> None:
        self.claire, self.amine = claire, amine

    def keep(self, seat: Seat, name: str) -> None:
        """Wait until nothing moves, then keep the picture; refuses one that is too large."""
        until("the map is still", lambda: seat.ask(IDLE), 20)
        seat.page.mouse.move(850, 3)
        seat.page.locator(".notice p").wait_for(state="detached")
        path = FOLDER / f"{name}.png"
        path.write_bytes(reduce_colours(seat.page, seat.page.screenshot()))
        size = path.stat().st_size
        print(f"{path.name}: {size // 1000} KB", flush=True)
        if size > LARGEST_BYTES:
            raise SystemExit(f"{path.name} is larger than {LARGEST_BYTES // 1000} KB")

    def metropolis(self) -> None:
        self.keep(self.claire, "metropolis-light")
        self.keep(self.amine, "metropolis-dark")

    def lamp(self, device: str) -> None:
        seat = self.amine
        seat.find(device, "Point lumineux")
        seat.see("Lampe éteinte", "#detail")
        seat.page.locator("#detail .plot canvas").wait_for()
        self.keep(seat, "lamp")
        seat.press("u")
        seat.see("Rue", "#detail .kind")
        seat.press("l")
        seat.page.locator("form .dry").wait_for()
        self.keep(seat, "street")
        seat.press("Escape", "Escape")

    def order(self) -> None:
        seat = self.amine
        seat.page.get_by_role("button", name="Toute la métropole").first.click()
        seat.press("p")
        for corner in AREA:
            seat.page.mouse.click(*corner)
        seat.press("Enter")
        seat.see("Zone dessinée")
        seat.press("l")
        seat.see("Une autre personne doit approuver cet ordre.")
        seat.page.locator("form input").last.fill("Abaissement de nuit, essai")
        self.keep(seat, "dry-run")
        seat.page.locator("form button[type=submit]:not([disabled])").click()
        seat.see("C’est votre ordre")

    def approve(self) -> None:
        seat = self.claire
        seat.see("1 ordre à approuver")
        seat.press("o")
        seat.page.locator("#detail article button.link").first.click()
        seat.page.locator("#detail [data-go]").click()
        seat.button("Approuver").wait_for()
        self.keep(seat, "approval")
        seat.button("Approuver").click()
        seat.page.locator("article .word").get_by_text("confirmé", exact=True).wait_for()

    def lose_feeder(self, feeder: str) -> None:
        """A whole grid feeder without supply: one card, then the incident that it becomes."""
        seat = self.amine
        seat.press("Escape")
        seat.see(feeder, "#alarm-cards")
        for _ in range(40):
            seat.press("j")
            if feeder in seat.page.locator("#alarm-cards [aria-selected=true]").inner_text():
                break
        seat.see("membres", "#detail")
        self.keep(seat, "root-cause")
        seat.press("a", "n")
        until("the type is known", lambda: seat.page.locator("#incident-type").input_value() != "", 15)
        seat.tab_to("Ouvrir l’incident")
        seat.press("Enter")
        seat.page.locator("#detail .steps").wait_for()
        seat.press("e")
        seat.see("Pris en charge par", "#detail")
        seat.press("i")
        seat.page.locator("#centre [role=option]").first.wait_for()
        self.keep(seat, "incident")

    def room(self) -> None:
        seat = self.claire
        seat.press("Escape", "v", "l")
        seat.page.locator("#centre [data-line]").first.wait_for()
        self.keep(seat, "logbook")
        seat.press("Escape", "v", "w")
        seat.page.locator(".wall section").nth(3).wait_for()
        self.keep(seat, "wall")
        seat.press("Escape")
        seat.page.locator("#alarms").wait_for()

    def english(self) -> None:
        seat = self.claire
        seat.press("Escape")
        seat.page.get_by_role("button", name="Toute la métropole").first.click()
        seat.press("Control+k")
        seat.type("switch to english")
        seat.press("Enter")
        seat.see("Alarms", "#alarms")
        seat.press("j")
        seat.see("Acknowledged by", "#detail")
        self.keep(seat, "english")

    def table(self) -> None:
        seat = self.amine
        seat.press("Escape", "t")
        seat.page.locator("select[aria-label=Commune]").select_option(label="Quetigny")
        seat.page.locator("#assets").focus()
        seat.press("ArrowDown", "Space", "ArrowDown", "Space", "Enter")
        seat.page.locator("#detail .plot canvas").wait_for()
        self.keep(seat, "table")


def take_all(post: RunningPost) -> None:
    """Every picture, in the order of one evening."""
    device: str = post.rows(LAMP_OUT)[0]["device"]
    post.order("sim", "fault", "--kind", "lamp_out", "--device", device)
    until("the lamp's alarm is raised", lambda: _is_out(post, device), 60)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        claire = Seat(browser, post, "claire", color_scheme="light")
        amine = Seat(browser, post, "amine", color_scheme="dark")
        evening = Photographer(claire, amine)
        acts: list[Callable[[], None]] = [evening.metropolis, lambda: evening.lamp(device), evening.order]
        for act in [*acts, evening.approve]:
            act()
        feeder: str = post.rows(FEEDER)[0]["feeder"]
        post.order("sim", "fault", "--kind", "cabinet_loss", "--feeder", feeder, "--for", "900")
        evening.lose_feeder(feeder)
        for act in [evening.room, evening.english, evening.table]:
            act()
        browser.close()


def _is_out(post: RunningPost, device: str) -> bool:
    return post.count("SELECT count(*) FROM alarms JOIN twins USING (twin_no) WHERE device = $1", device) > 0


def main() -> int:
    """Start a post in a home of its own, take the pictures, leave nothing behind but them."""
    FOLDER.mkdir(exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="ondijon-pictures-"))
    home.chmod(0o711)
    post = RunningPost(home, arguments=("--at", "22:00"))
    try:
        post.start()
        take_all(post)
    finally:
        post.close()
        shutil.rmtree(home, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
