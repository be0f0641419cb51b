"""By keys, a mayor's switch-off hours from the drawing to the dark street; a match evening that ends by itself."""

import asyncio
import shutil
import signal
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import holidays
import pytest
from playwright.sync_api import Browser

from tests.faults import town
from tests.faults.deadline import tell, until
from tests.faults.running_post import RunningPost
from tests.journeys.seat import Seat

pytestmark = pytest.mark.journey
ZONE = ZoneInfo("Europe/Paris")
COMMUNES = (town.DIJON, town.DIJON, town.CHENOVE, town.CHENOVE)
LIGHTS_A_CABINET = 20
SPEED = "10"
END_LIMIT_S = 30.0
NIGHT_LIMIT_S = 45.0
LIST, DETAIL, CENTRE = "#centre [role=listbox]", "#detail", "#centre"
CALENDAR = "Calendrier de Chenôve"
MATCH = "Soir de match"
# The latest level of each light that the simulator speaks for.
LEVELS = """SELECT DISTINCT ON (twin_no) commune, value, observed_at FROM readings
    JOIN twins USING (twin_no) JOIN properties USING (property_no)
    WHERE type = 'Streetlight' AND key = 'level_pct' ORDER BY twin_no, observed_at DESC"""
LIT_BEFORE = """SELECT count(DISTINCT twin_no) FROM readings
    JOIN twins USING (twin_no) JOIN properties USING (property_no)
    WHERE type = 'Streetlight' AND key = 'level_pct' AND commune = $1 AND value > 0 AND observed_at < $2"""


def quiet_evening(after: date) -> date:
    """The next Tuesday to Thursday that is neither a holiday nor the eve of one."""
    day = after + timedelta(days=1)
    known = holidays.country_holidays("FR", years=(day.year, day.year + 1))
    while day.weekday() not in (1, 2, 3) or day in known or day + timedelta(days=1) in known:
        day += timedelta(days=1)
    return day


class Evening:
    """A post of two communes, its clock set again and again to a later hour of one evening."""

    def __init__(self, browser: Browser, home: Path) -> None:
        self.day = datetime.now(ZONE).date()
        self.post = RunningPost(home)
        self._browser = browser
        self._runs = False
        self._seats: list[Seat] = []

    def begin(self, hour: str) -> None:
        """An evening of its own for each test: a post's clock never goes back."""
        self.day = quiet_evening(self.day)
        self.at(hour)
        # What follows the traffic would hold these lights against any programme.
        off = {"commune": town.CHENOVE, "on": False, "reason": "essai de programme"}
        act = {"key": "lighting.set_adaptive", "payload": off, "idempotency_key": str(uuid4())}
        self.post.desk("claire").post("/api/acts", act)

    def at(self, hour: str, *more: str) -> None:
        """Run from this local time on: the post stops and starts again, its gateways keep what they store."""
        self.close_seats()
        if self._runs:
            self.post.end(signal.SIGTERM, END_LIMIT_S)
        self.post.arguments = ("--at", f"{self.day}T{hour}", *more)
        self.post.start()
        self._runs = True

    def moment(self, hour: str) -> datetime:
        return datetime.fromisoformat(f"{self.day}T{hour}").replace(tzinfo=ZONE)

    def sit(self, username: str) -> Seat:
        self._seats.append(Seat(self._browser, self.post, username))
        return self._seats[-1]

    def close_seats(self) -> None:
        strange = [line for seat in self._seats for line in seat.strange]
        for seat in self._seats:
            seat.close()
        self._seats.clear()
        assert strange == []

    def levels(self, commune: str) -> list[float]:
        return [row["value"] for row in self.post.rows(LEVELS) if row["commune"] == commune]

    def list_levels(self, commune: str, lights: int) -> list[float]:
        """The levels of this evening, once all lights have told theirs."""
        rows = [row for row in self.post.rows(LEVELS) if row["commune"] == commune]
        told = [row["value"] for row in rows if row["observed_at"] >= self.moment("12:00")]
        return sorted(told) if len(told) == lights else []

    def all_are(self, commune: str, level_pct: float) -> bool:
        levels = self.levels(commune)
        lights = COMMUNES.count(commune) * LIGHTS_A_CABINET
        return len(levels) == lights and all(abs(level - level_pct) < 1.0 for level in levels)

    def is_stored(self, key: str) -> bool:
        """Whether every gateway of the commune says that it stores what is published."""
        programme: Any = self.post.desk("claire").get(f"/api/lighting/programmes/{key}")
        stored = programme["stored"]
        return programme["open"] is None and stored is not None and 2 <= stored["gateways"] == stored["stored"]


@pytest.fixture(scope="module")
def evening(browser: Browser) -> Iterator[Evening]:
    memory = Path("/dev/shm")
    home = Path(tempfile.mkdtemp(prefix="ondijon-evening-", dir=memory if memory.is_dir() else None))
    home.chmod(0o711)
    # In a thread: the browser holds this one's loop.
    with ThreadPoolExecutor(1) as aside:
        aside.submit(lambda: asyncio.run(town.settle(home, town.town_of(COMMUNES, LIGHTS_A_CABINET)))).result()
    here = Evening(browser, home)
    try:
        yield here
    finally:
        here.close_seats()
        here.post.close()
        shutil.rmtree(home, ignore_errors=True)


def focus(seat: Seat, selector: str, *keys: str) -> None:
    """Put the keyboard on something, then press."""
    seat.page.locator(selector).first.focus()
    seat.press(*keys)


def show(seat: Seat, letter: str) -> None:
    seat.ask("document.activeElement?.blur()")
    seat.press("v", letter)


def choose(seat: Seat, name: str) -> None:
    """The programme of that name in the list, by arrows."""
    show(seat, "h")
    option = seat.page.locator(f"{LIST} [role=option]").filter(has_text=name)
    option.wait_for()
    seat.page.locator(LIST).focus()
    for _ in range(20):
        if option.get_attribute("aria-selected") == "true":
            break
        seat.press("ArrowDown")
    seat.see(name, f"{DETAIL} h2")


def give_reason(seat: Seat, reason: str) -> None:
    seat.page.locator("dialog form").wait_for()
    focus(seat, "dialog input[data-first]")
    seat.type(reason)
    seat.press("Enter")
    seat.page.locator("dialog form").wait_for(state="detached")


def propose(seat: Seat, reason: str) -> None:
    seat.ask("document.activeElement?.blur()")
    seat.press("u")
    give_reason(seat, reason)
    seat.see("proposée par Inès Roux", DETAIL)
    assert seat.page.locator(f"{DETAIL} button").filter(has_text="Publier").count() == 0
    seat.see("une autre personne doit la publier", DETAIL)


def publish(seat: Seat, name: str) -> None:
    choose(seat, name)
    seat.see("proposée par Inès Roux", DETAIL)
    seat.press("y")
    seat.see("lampes changent", CENTRE)
    assert seat.page.locator(".under").count() == 0, "no floor is gone below without a policy"
    seat.press("u")
    seat.page.locator(f"{DETAIL} [data-shortcut=u]").wait_for(state="detached")
    seat.see("publiée par Claire Martin", DETAIL)


def draw_switch_off_hours(ines: Seat) -> None:
    """The usual hours join the rule of that night, then begin half an hour earlier: on the drawing, by arrow keys."""
    choose(ines, CALENDAR)
    ines.page.locator(f"{DETAIL} [data-shortcut=e]").wait_for()
    ines.press("e")
    focus(ines, f"{CENTRE} .rules button >> nth=1", "Enter")
    ines.page.get_by_role("button", name="Ajouter une coupure").focus()
    ines.press("Enter")
    begin = ines.page.get_by_role("slider", name="Début de la coupure 1")
    begin.focus()
    ines.press("Shift+ArrowLeft")
    until("the hours begin at eleven", lambda: begin.get_attribute("aria-valuetext") == "23:00", 5)


def allow_switching_off(evening: Evening, ines: Seat, claire: Seat) -> None:
    """The preview names the streets and leads to the policy; another person authorises it."""
    ines.see("passeraient sous le plancher", CENTRE)
    ines.see(f"Rue {town.CHENOVE}", f"{CENTRE} .under")
    ines.ask("document.activeElement?.blur()")
    ines.press("z")
    ines.page.locator("dialog form").wait_for()
    ines.tab_to("Motif")
    ines.type("Délibération du conseil municipal")
    ines.press("Enter")
    ines.page.locator("dialog form").wait_for(state="detached")
    show(claire, "g")
    focus(claire, f"{CENTRE} header select")
    claire.type("Chen")
    focus(claire, f"{CENTRE} .sheets button >> nth=1", "Enter")
    claire.see("Délibération du conseil municipal", CENTRE)
    claire.ask("document.activeElement?.blur()")
    claire.press("y")
    give_reason(claire, "Conforme à l'arrêté du maire")
    claire.see("Autorisée", CENTRE)


def test_a_mayor_s_hours_are_edited_previewed_approved_stored_and_seen_at_night(evening: Evening) -> None:
    evening.begin("22:05")
    ines, claire = evening.sit("ines"), evening.sit("claire")
    draw_switch_off_hours(ines)
    allow_switching_off(evening, ines, claire)
    ines.ask("document.activeElement?.blur()")
    propose(ines, "Vote du conseil : extinction de 23 h à 5 h")
    publish(claire, CALENDAR)
    until("every gateway of the commune stores it", lambda: evening.is_stored("chenove"), 30)
    claire.see("2 coffrets sur 2", DETAIL)
    evening.at("22:59", "--speed", SPEED)
    until("Chenôve is dark", lambda: evening.all_are(town.CHENOVE, 0.0), NIGHT_LIMIT_S)
    eleven = evening.moment("23:00")
    went_dark = [row["observed_at"] for row in evening.post.rows(LEVELS) if row["commune"] == town.CHENOVE]
    assert min(went_dark) >= eleven - timedelta(seconds=15), "not before its hour (cabinet clocks are up to 12 s apart)"
    lights = COMMUNES.count(town.CHENOVE) * LIGHTS_A_CABINET
    assert evening.post.count(LIT_BEFORE, town.CHENOVE, eleven) == lights
    assert min(evening.levels(town.DIJON)) > 0.0, "the other commune is lit"
    ask_why(evening.sit("amine"))
    tell("dark after its hour", f"{lights} of {lights} lights")


def ask_why(seat: Seat) -> None:
    """W on a lamp of the commune: the calendar is what decides."""
    seat.find("SL-2-0", "SL-2-0")
    seat.page.locator(f"{DETAIL} [data-shortcut=w]").wait_for()
    seat.ask("document.activeElement?.blur()")
    seat.press("w")
    seat.see(CALENDAR, f"{DETAIL} .wins")


def compose_match(ines: Seat) -> None:
    """A new programme: some hours of this evening, for one commune."""
    show(ines, "h")
    ines.page.locator(f"{LIST} [role=option]").first.wait_for()
    ines.ask("document.activeElement?.blur()")
    ines.press("n")
    ines.page.get_by_label("Nom français").focus()
    ines.type(MATCH)
    ines.page.locator(f"{CENTRE} .fields select").focus()
    ines.type("Soir")
    ines.page.locator(f"{CENTRE} .scope select").focus()
    ines.type("Des communes")
    ines.page.get_by_role("checkbox", name="Chenôve").focus()
    ines.press("Space")
    for label, hour in (("De", "22:20"), ("À", "23:40")):
        ines.page.locator(f"{CENTRE} table").get_by_label(label, exact=True).focus()
        ines.press("Control+a")
        ines.type(hour)
        ines.press("Tab")
    ines.see("lampes changent", CENTRE)


def test_a_match_evening_overrides_it_and_ends_by_itself(evening: Evening) -> None:
    evening.begin("23:20")
    ines, claire = evening.sit("ines"), evening.sit("claire")
    lights = COMMUNES.count(town.CHENOVE) * LIGHTS_A_CABINET
    before = until("its lights have reported", lambda: evening.list_levels(town.CHENOVE, lights), NIGHT_LIMIT_S)
    compose_match(ines)
    propose(ines, "Match au stade, retour des spectateurs")
    publish(claire, MATCH)
    claire.see("Se termine de lui-même", DETAIL)
    until("every gateway of the commune stores it", lambda: evening.is_stored("soir-de-match"), 30)
    until("the commune is lit for the match", lambda: evening.all_are(town.CHENOVE, 100.0), NIGHT_LIMIT_S)
    assert max(evening.levels(town.DIJON)) < 100.0, "the other commune goes on as it was"
    evening.at("23:39", "--speed", SPEED)
    until("the match is over", lambda: evening.list_levels(town.CHENOVE, lights) == before, NIGHT_LIMIT_S)
    ended = [row["observed_at"] for row in evening.post.rows(LEVELS) if row["commune"] == town.CHENOVE]
    assert min(ended) >= evening.moment("23:40") - timedelta(seconds=15)
    acts = "SELECT count(*) FROM commands"
    assert evening.post.count(acts) == 0, "nobody ordered anything"
