"""A lamp fails, its street is lit up, then given back: by keyboard alone."""

import pytest

from tests.faults.deadline import until
from tests.faults.running_post import RunningPost
from tests.journeys.seat import Seat

pytestmark = pytest.mark.journey
STREET = """SELECT s.name, array_agg(t.device ORDER BY t.device) AS devices, min(t.gateway) AS gateway
    FROM twins t JOIN streets s USING (street_id) WHERE t.type = 'Streetlight' GROUP BY s.name, s.commune
    HAVING count(*) BETWEEN 8 AND 30 AND count(DISTINCT t.gateway) = 1 AND count(DISTINCT t.commune) = 1
       AND bool_and(t.attributes ->> 'feeder' = 'permanent') ORDER BY s.name LIMIT 1"""
LEVELS = """SELECT t.device, r.value FROM twins t JOIN LATERAL (
        SELECT value FROM readings JOIN properties USING (property_no)
        WHERE twin_no = t.twin_no AND key = 'level_pct' ORDER BY observed_at DESC LIMIT 1) r ON true
    WHERE t.device = ANY($1)"""


def levels(post: RunningPost, devices: list[str]) -> dict[str, float]:
    """The last reported level of each lamp."""
    return {row["device"]: round(row["value"]) for row in post.rows(LEVELS, devices)}


def choose_street(post: RunningPost) -> tuple[str, list[str], str]:
    """A street of one cabinet: its name, its lamps, its gateway."""
    row = post.rows(STREET)[0]
    return row["name"], list(row["devices"]), row["gateway"]


def last_command(post: RunningPost) -> tuple[str, str, str]:
    row = post.rows("SELECT id, key, state FROM commands ORDER BY requested_at DESC LIMIT 1")[0]
    return str(row["id"]), row["key"], row["state"]


def hold(post: RunningPost, urn: str, level_pct: int) -> None:
    """One light is held at a level, by an order of its own."""
    post.desk("claire").post(
        "/api/commands",
        {
            "key": "lighting.dim_streetlights",
            "targets": {"kind": "twins", "ids": [urn]},
            "payload": {"level_pct": level_pct},
            "reason": "",
            "expires_s": 60,
            "idempotency_key": "0191d5a0-0000-7000-8000-000000000001",
            "precondition": None,
        },
    )


def open_work_order(post: RunningPost, seat: Seat, urn: str) -> None:
    """For the lamp on the panel, which the form already names."""
    seat.tab_to("Ouvrir un ordre de travail")
    seat.press("Enter")
    seat.page.locator("dialog form").wait_for()
    seat.tab_to("Ouvrir un ordre de travail")
    seat.press("Enter")
    seat.see("Ordre de travail ouvert")
    opened = post.rows("SELECT urn FROM lighting_work_orders JOIN twins USING (twin_no)")
    assert [row["urn"] for row in opened] == [urn]


def test_a_lamp_fails_its_street_is_lit_up_and_given_back_exactly_by_keyboard(night: RunningPost, claire: Seat) -> None:
    street, devices, gateway = choose_street(night)
    lamp, mate = devices[0], devices[1]
    until("the street has reported", lambda: len(levels(night, devices)) == len(devices), 90)
    # One lamp is held at its own level beforehand: undo must bring it back to that, not to the programme.
    urn = night.rows("SELECT urn FROM twins WHERE device = $1", mate)[0]["urn"]
    hold(night, urn, 20)
    until("the mate is held at 20 %", lambda: levels(night, [mate]) == {mate: 20}, 30)
    # Three at once are an alarm at once; a single one might be cycling and waits for four minutes.
    for device in (lamp, *devices[2:4]):
        night.order("sim", "fault", "--kind", "lamp_out", "--device", device)
    claire.press("/")
    claire.type(lamp)
    claire.page.get_by_role("option").filter(has_text=street).first.wait_for()
    claire.press("Enter")
    claire.see("Lampe éteinte")
    open_work_order(night, claire, urn=night.rows("SELECT urn FROM twins WHERE device = $1", lamp)[0]["urn"])
    claire.see("Toute la rue")
    claire.press("u")
    claire.see(street)
    claire.page.get_by_role("button", name="Toute la rue").wait_for(state="hidden")
    claire.press("l")
    claire.page.locator("form input").first.wait_for()
    claire.press("End")
    claire.page.locator("button[type=submit]:not([disabled])").wait_for()
    claire.press("Enter")
    until("the order is under way", lambda: last_command(night)[2] in ("sent", "accepted", "confirmed"), 15)
    until("every lamp confirms", lambda: last_command(night)[2] == "confirmed", 60)
    claire.see("confirmé")
    until("the whole street is at 100 %", lambda: set(levels(night, devices).values()) == {100}, 30)
    # The gateway goes away; what is undone meanwhile reaches its lamps when it returns.
    night.order("sim", "offline", "--gateway", gateway, "--for", "12")
    until("the gateway is seen to be away", lambda: _is_away(night, gateway), 30)
    claire.tab_to("Annuler cet ordre")
    claire.press("Enter")
    claire.page.locator("form input").last.focus()
    claire.type("fin de l'essai")
    claire.press("Enter")
    until("the undoing is recorded", lambda: last_command(night)[1] == "post.undo", 15)
    until("every lamp, away at the time, is given back", lambda: last_command(night)[2] == "confirmed", 90)
    assert levels(night, [mate]) == {mate: 20}
    held = night.rows("SELECT device FROM holds JOIN twins USING (twin_no) WHERE device = ANY($1)", devices)
    assert [row["device"] for row in held] == [mate]


def _is_away(post: RunningPost, gateway: str) -> bool:
    rows = post.rows(
        """SELECT value FROM readings r JOIN twins t USING (twin_no) JOIN properties p USING (property_no)
           WHERE t.device = $1 AND p.key = 'online' ORDER BY observed_at DESC, received_at DESC LIMIT 1""",
        gateway,
    )
    return bool(rows) and rows[0]["value"] == 0.0
