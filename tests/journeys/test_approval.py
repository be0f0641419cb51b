"""A wide order: dry run, a second person in another session, confirmation by the field; by keyboard alone."""

import httpx
import pytest

from tests.faults.deadline import tell, until
from tests.faults.running_post import RunningPost
from tests.journeys.seat import Seat

pytestmark = pytest.mark.journey
QUETIGNY = "21515"
PICKED = "window.__ondijon.stage.overlayOf('Streetlight').picked.reduce((sum, one) => sum + one, 0)"


def newest(post: RunningPost) -> dict[str, object]:
    orders: list[dict[str, object]] = post.desk("claire").get("/api/commands")
    return orders[0]


def order_the_commune(seat: Seat, count: int) -> None:
    """Quetigny to 40 %: the dry run tells how many, the reason is asked, nothing is sent yet."""
    seat.find("quetigny", "21515")
    seat.see("Quetigny", "#detail h2")
    seat.press("l")
    seat.see(f"{count} objets recevront l’ordre")
    seat.see("Une autre personne doit approuver cet ordre.")
    assert seat.button("Demander l’approbation Entrée").is_disabled()
    seat.press("Tab", "Control+a")
    seat.type("40")
    seat.tab_to("Motif (obligatoire)", most=6)
    seat.type("essai d'approbation")
    seat.page.locator("form button[type=submit]:not([disabled])").wait_for()
    seat.press("Enter")
    seat.see("attend une approbation")


def test_a_wide_order_waits_for_a_second_person_and_both_see_it_confirmed(
    night: RunningPost, amine: Seat, claire: Seat
) -> None:
    count = night.count("SELECT count(*) FROM twins WHERE type = 'Streetlight' AND commune = $1", QUETIGNY)
    order_the_commune(amine, count)
    amine.see("C’est votre ordre")
    assert amine.button("Approuver").is_disabled() and amine.button("Refuser").is_disabled()
    order = newest(night)
    refused = night.desk("amine").ask(f"/api/commands/{order['id']}/approve", {})
    assert refused.status_code == httpx.codes.FORBIDDEN
    # Claire's screen tells her by itself; before she decides, the map shows where.
    claire.see("1 ordre à approuver")
    claire.press("o")
    claire.skip_to_detail()
    claire.tab_to("Régler le niveau")
    claire.press("Enter")
    until("the map marks the commune's lights", lambda: claire.ask(PICKED) == count, 15)
    claire.tab_to("Approuver")
    claire.press("Enter")
    until("every light confirms", lambda: newest(night)["state"] == "confirmed", 60)
    for seat in (amine, claire):
        seat.page.locator("article li").filter(has_text=f"{count} confirmés").first.wait_for()
        seat.see("approuvé par Claire Martin")
    tell("wide order", f"{count} lights ordered, approved in another session, confirmed")


def test_a_rejected_order_changes_nothing_and_its_issuer_is_told(night: RunningPost, amine: Seat, claire: Seat) -> None:
    count = night.count("SELECT count(*) FROM twins WHERE type = 'Streetlight' AND commune = $1", QUETIGNY)
    order_the_commune(amine, count)
    claire.see("1 ordre à approuver")
    claire.press("o")
    claire.skip_to_detail()
    claire.tab_to("Refuser")
    claire.press("Enter")
    claire.tab_to("Motif du refus", most=4)
    claire.type("pas ce soir")
    claire.press("Enter")
    amine.see("refusé par Claire Martin")
    until("it is rejected", lambda: newest(night)["state"] == "rejected", 10)
    assert newest(night)["counts"] == {**dict.fromkeys(newest(night)["counts"], 0), "requested": count}  # type: ignore[call-overload]
