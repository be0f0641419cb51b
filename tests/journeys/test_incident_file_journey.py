"""What hangs on an incident by keys alone: an asset, a service, a photo, another incident, and apart again."""

from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from tests.faults.deadline import until
from tests.faults.running_post import RunningPost
from tests.journeys.seat import Seat

pytestmark = pytest.mark.journey
DETAIL = "#detail"
LAMP = "SELECT name FROM twins WHERE type = 'Streetlight' AND commune = '21231' ORDER BY device DESC LIMIT 1 OFFSET 7"
STATE = """SELECT i.number, i.state, i.merged_into IS NOT NULL AS is_merged,
        EXISTS (SELECT FROM incident_pauses p WHERE p.incident = i.id AND p.ended_at IS NULL) AS is_paused,
        (SELECT count(*) FROM incident_assets a WHERE a.incident = i.id) AS assets,
        (SELECT count(*) FROM incident_files f WHERE f.incident = i.id) AS files,
        (SELECT count(*) FROM incident_participants p WHERE p.incident = i.id) AS participants
    FROM incidents i WHERE i.id::text = $1"""


def open_incident(post: RunningPost, title: str) -> str:
    """An incident in the middle of Dijon, past the screen."""
    payload = {"type": "lighting.lamp_out", "title": title, "place": {"lon": 5.041, "lat": 47.322}}
    body = {"key": "incidents.open", "payload": payload, "idempotency_key": str(uuid4())}
    opened: str = post.desk("claire").post("/api/acts", body)["result"]["id"]
    return opened


def show(seat: Seat, incident: str) -> None:
    seat.ask(f"location.hash = '#/incidents/{incident}'")
    seat.page.locator(f"{DETAIL} .steps").wait_for()


def leave_fields(seat: Seat) -> None:
    seat.ask("document.activeElement?.blur()")


def press_in_dialog(seat: Seat, key: str, words: str) -> None:
    """A step's key, then its dialog's own button; returns when the dialog has closed."""
    leave_fields(seat)
    seat.press(key)
    seat.page.locator("dialog form").wait_for()
    seat.tab_to(words)
    seat.press("Enter")
    seat.page.locator("dialog").wait_for(state="detached")


def test_an_incident_takes_an_asset_a_service_a_photo_and_another_incident_and_lets_it_go_again(
    night: RunningPost, claire: Seat, tmp_path: Path
) -> None:
    main, other = open_incident(night, "Panne au centre"), open_incident(night, "La même panne")

    def state(incident: str, field: str) -> object:
        return night.rows(STATE, incident)[0][field]

    show(claire, main)
    press_in_dialog(claire, "c", "Enregistrer")
    until("it is qualified", lambda: state(main, "state") == "qualified", 10)
    press_in_dialog(claire, "z", "Suspendre")
    until("its clocks rest", lambda: state(main, "is_paused"), 10)
    claire.see("Reprendre", DETAIL)
    leave_fields(claire)
    claire.press("z")
    until("its clocks run", lambda: not state(main, "is_paused"), 10)

    lamp = night.rows(LAMP)[0]["name"]
    claire.tab_to("Nom de l’équipement")
    claire.type(lamp)
    claire.press("Enter")
    until("the lamp belongs to it", lambda: state(main, "assets") == 1, 10)

    involve(claire)
    until("a service takes part", lambda: state(main, "participants") == 1, 10)

    photo = tmp_path / "photo.jpg"
    Image.new("RGB", (640, 480), (70, 90, 120)).save(photo)
    # Choosing a file is the browser's own window; sending it is ours.
    chooser = claire.page.locator(f"{DETAIL} input[type=file]")
    chooser.set_input_files(photo)
    claire.page.locator(f"{DETAIL} img.preview").wait_for()
    chooser.focus()
    claire.press("Tab", "Enter")
    until("the photo is kept", lambda: state(main, "files") == 1, 15)
    claire.page.locator(f"{DETAIL} a[href*='/files/'] img").wait_for()

    show(claire, other)
    claire.see("La même panne", DETAIL)
    merge(claire, str(state(main, "number")))
    until("the other goes on inside it", lambda: state(other, "is_merged"), 10)
    claire.see("Panne au centre", DETAIL)


def involve(seat: Seat) -> None:
    """The first service that the directory offers for it."""
    leave_fields(seat)
    seat.tab_to("Associer")
    seat.press("Enter")
    seat.page.locator("#contacts [role=option]").first.wait_for()
    seat.press("ArrowDown")
    seat.page.locator("dialog button.primary:not([disabled])").wait_for()
    seat.press("Enter")
    seat.page.locator("dialog").wait_for(state="detached")


def merge(seat: Seat, number: str) -> None:
    """Into the incident of this number, found by typing it."""
    leave_fields(seat)
    seat.tab_to("Fusionner")
    seat.press("Enter")
    seat.page.locator("dialog input[type=search]").wait_for()
    seat.type(number)
    seat.page.locator("dialog").get_by_text(number).first.wait_for()
    seat.tab_to("Choisir")
    seat.press("Enter")
    seat.page.locator("dialog button.primary:not([disabled])").wait_for()
    seat.tab_to("Fusionner")
    seat.press("Enter")
    seat.page.locator("dialog").wait_for(state="detached")
