"""The lighting layer by keyboard: modes of the map, a cabinet's tree, re-equipping and back, a list that leaves."""

import csv
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.faults.deadline import tell, until
from tests.faults.running_post import RunningPost
from tests.journeys.conftest import Sit
from tests.journeys.seat import Seat

pytestmark = pytest.mark.journey
LIGHT = "Streetlight"
LONGVIC = "21355"
BINS = f"[...window.__ondijon.stage.overlayOf('{LIGHT}').bin].reduce((n, one) => n + (one > 0 ? 1 : 0), 0)"
OUTSIDE = f"window.__ondijon.stage.overlayOf('{LIGHT}').outside.reduce((n, one) => n + one, 0)"
PICKED = f"window.__ondijon.stage.overlayOf('{LIGHT}').picked.reduce((n, one) => n + one, 0)"
CANVAS = "document.querySelector('.map canvas')"
SODIUM = """SELECT count(*) FROM twins
    WHERE type = 'Streetlight' AND commune = $1 AND attributes ->> 'lamp_type' = 'sodium' AND retired_at IS NULL"""
# An import or a change of equipment lets every role load the city again.
RELOAD_S = 90.0


def show_modes(seat: Seat) -> None:
    seat.press("Escape", "m")
    seat.page.locator("[role=radiogroup] [role=radio]").nth(5).wait_for()


def in_mode(seat: Seat, name: str) -> bool:
    return seat.page.locator("[role=radio][aria-checked=true]").filter(has_text=name).count() == 1


def test_modes_colour_every_light_by_keys_alone_and_the_map_is_not_made_anew(night: RunningPost, amine: Seat) -> None:
    total = night.count("SELECT count(*) FROM twins WHERE type = $1 AND retired_at IS NULL", LIGHT)
    show_modes(amine)
    amine.ask(f"{CANVAS}.dataset.same = 'yes'")
    amine.press("4")
    amine.see("Âge du luminaire")
    until("every light has an age", lambda: amine.ask(BINS) == total, 30)
    amine.press("2")
    amine.see("Puissance appelée maintenant")
    until("lights have a power", lambda: amine.ask(BINS) > 0.9 * total, 60)
    # An entry of the legend narrows map and table to its lights.
    entry = amine.page.locator(".modes .legend button").last
    entry.focus()
    amine.press("Enter")
    until("other lights are dimmed", lambda: amine.ask(OUTSIDE) > 0, 15)
    amine.press("Enter")
    until("all lights are back", lambda: amine.ask(OUTSIDE) == 0, 15)
    amine.page.locator("#mode-power").focus()
    amine.press("ArrowRight")
    until("the next mode is chosen", lambda: in_mode(amine, "Classe"), 10)
    amine.press("1")
    until("states are shown again", lambda: in_mode(amine, "État"), 10)
    assert amine.ask(f"{CANVAS}.dataset.same") == "yes"
    tell("modes", f"{total} lights by age and by power")


def test_a_cabinet_is_walked_as_a_tree_and_a_branch_is_the_target_of_an_order(amine: Seat) -> None:
    amine.press("Escape", "v", "b")
    amine.page.locator("#cabinets [id^=cabinet-]").nth(3).wait_for()
    amine.page.locator("#cabinets").focus()
    amine.press("ArrowDown", "Enter")
    tree = amine.page.locator("#detail [role=tree]")
    tree.locator("[role=treeitem][aria-level='2']").first.wait_for()
    until("the tree has the keyboard", lambda: "armoire" in str(focused(amine, "id")) or on_tree(amine), 10)
    total = lights_of(amine)
    amine.press("ArrowDown")
    until("the circuit is marked on the map", lambda: 0 < amine.ask(PICKED) < total, 15)
    amine.press("ArrowRight", "ArrowDown", "ArrowRight", "ArrowDown")
    until("a light is chosen", lambda: amine.ask(PICKED) == 1, 15)
    assert focused(amine, "ariaLevel") == "4"
    amine.press("ArrowLeft", "ArrowLeft")
    until("its phase is closed again", lambda: focused(amine, "ariaExpanded") == "false", 10)
    amine.press("e")
    amine.see("Branche de l’arbre", "#detail")
    amine.page.locator("#detail [data-shortcut=l]").wait_for()


def focused(seat: Seat, what: str) -> Any:
    return seat.ask(f"document.activeElement?.{what}")


def on_tree(seat: Seat) -> bool:
    return bool(seat.ask("document.activeElement?.role === 'treeitem'"))


def lights_of(seat: Seat) -> int:
    until("the whole cabinet is marked", lambda: seat.ask(PICKED) > 0, 15)
    return int(seat.ask(PICKED))


def choose_sodium(seat: Seat, commune: str) -> None:
    """The sodium lamps of a commune, by filters alone."""
    seat.press("Escape", "t")
    seat.page.locator("#assets [role=row]").nth(3).wait_for()
    seat.page.locator("select[aria-label=Commune]").select_option(label=commune)
    lamps = seat.page.locator("select[aria-label='Type de lampe']")
    lamps.wait_for()
    lamps.select_option("sodium")


def see_count(seat: Seat, count: int) -> None:
    """Whatever space stands within the number."""
    footer = seat.page.locator("main footer [role=status]")
    until("the table counts them", lambda: digits(footer.inner_text()) == count, 15)


def digits(text: str) -> int:
    return int(re.sub(r"\D", "", text) or 0)


def attributes(post: RunningPost, commune: str) -> dict[str, str]:
    rows = post.rows(
        "SELECT urn, attributes::text AS own FROM twins WHERE type = 'Streetlight' AND commune = $1", commune
    )
    return {row["urn"]: row["own"] for row in rows}


def a_commune_with_many(post: RunningPost) -> tuple[str, str, int]:
    """INSEE code, name and sodium lamps of the smallest commune that needs a second person."""
    row = post.rows(
        """SELECT c.insee, c.name, count(*) AS n FROM twins t JOIN communes c ON c.insee = t.commune
           WHERE t.type = 'Streetlight' AND t.attributes ->> 'lamp_type' = 'sodium' AND t.retired_at IS NULL
           GROUP BY 1, 2 HAVING count(*) > 500 ORDER BY 3 LIMIT 1"""
    )[0]
    return row["insee"], row["name"], row["n"]


def propose(seat: Seat, count: int) -> None:
    """From the table to the dialog; what would change is said before anything is asked for."""
    seat.tab_to("Rééquiper")
    seat.press("Enter")
    dialog = seat.page.locator("dialog")
    dialog.locator("select").nth(1).select_option("led")
    dialog.get_by_label("Puissance nominale").fill("31")
    dialog.get_by_text("une autre personne doit approuver").wait_for()
    said = dialog.locator("[role=status] strong").inner_text()
    assert digits(said) == count
    dialog.locator("input").last.fill("plan LED, essai")
    submit = dialog.locator("button[type=submit]:not([disabled])")
    submit.wait_for()
    submit.focus()
    seat.press("Enter")
    seat.see("attend une approbation", "#detail")
    assert seat.page.locator("#detail [data-shortcut=y]").count() == 0


def test_many_lights_are_re_equipped_by_two_people_and_have_their_own_values_back(night: RunningPost, sit: Sit) -> None:
    insee, name, count = a_commune_with_many(night)
    before = attributes(night, insee)
    ines, claire = sit("ines"), sit("claire")
    choose_sodium(ines, name)
    see_count(ines, count)
    propose(ines, count)
    assert attributes(night, insee) == before
    claire.press("Escape", "v", "b")
    claire.see("attend une approbation", "#centre")
    claire.page.locator("#centre section button.link").first.focus()
    claire.press("Enter")
    claire.see("plan LED, essai", "#detail")
    claire.page.locator("#detail [data-shortcut=y]").focus()
    claire.press("Enter")
    claire.see("Approuvé par", "#detail")
    now = attributes(night, insee)
    changed = [urn for urn in before if now[urn] != before[urn]]
    assert len(changed) == count and all('"lamp_type": "led"' in now[urn] for urn in changed)
    # Every role loads the city again; then the table of a colleague who did nothing shows it too.
    until("the table knows", lambda: table_says(ines, changed[0]), RELOAD_S)
    undo = ines.page.locator("#detail [data-shortcut=z]")
    undo.wait_for(timeout=RELOAD_S * 1000)
    undo.focus()
    ines.press("Enter")
    ines.page.locator("#change-reason").fill("fin de l’essai")
    ines.press("Enter")
    until("each light has its own values again", lambda: attributes(night, insee) == before, RELOAD_S)
    until("every role is back", night.is_ready, RELOAD_S)
    tell("re-equipping", f"{count} lights of {name} by two people, undone to the letter")


def table_says(seat: Seat, urn: str) -> bool:
    """Whether the post's table, as this person gets it, has the new lamp."""
    known = f"""fetch('/api/twins/{LIGHT}/table').then((answer) => answer.json())
        .then((table) => table.attributes.lamp_type[table.id.indexOf('{urn}')] === 'led').catch(() => false)"""
    return bool(seat.ask(known))


def test_the_filtered_lights_leave_as_a_table(night: RunningPost, sit: Sit, tmp_path: Path) -> None:
    claire = sit("claire", accept_downloads=True)
    count = night.count(SODIUM, LONGVIC)
    choose_sodium(claire, "Longvic")
    see_count(claire, count)
    claire.tab_to("Exporter en CSV")
    with claire.page.expect_download() as waiting:
        claire.press("Enter")
    path = tmp_path / "lights.csv"
    waiting.value.save_as(path)
    rows = list(csv.DictReader(StringIO(path.read_text("utf-8-sig"))))
    assert len(rows) == count
    assert {row["commune_insee"] for row in rows} == {LONGVIC} and {row["lamp_type"] for row in rows} == {"sodium"}
    assert float(rows[0]["rated_power_w"]) > 0
    assert night.count("SELECT count(*) FROM audit WHERE act = 'lighting.exported'") > 0
