"""Every route is walked by every role, at home and abroad; a route that nobody judged fails."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler, WebsocketRouteHandler

from ondijon.apps.console.tests.conftest import OWN, Desk, card_of
from ondijon.kernel.commands import Selection
from ondijon.testing.builders import cabinet, lamp, pump

pytestmark = pytest.mark.engines

CARD_HERE, CARD_THERE = card_of(101), card_of(102)
LETTER_HERE, LETTER_THERE = UUID(int=201), UUID(int=202)
HERE, THERE = lamp(0, 0), lamp(1, 0)
SPAN = "property=level_pct&from=2026-11-20T00:00:00Z&to=2026-11-22T00:00:00Z"
REASON = {"reason": "essai"}
NOBODY, CHIEF, LOCAL, OBSERVER, STRANGER = None, "chief", "local", "observer", "stranger"


@dataclass(frozen=True)
class Walk:
    """One request and the status that each person must get."""

    route: str
    path: str
    expected: dict[str | None, int]
    body: Any = None

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]


def everyone(chief: int, local: int, observer: int, stranger: int, nobody: int = 401) -> dict[str | None, int]:
    return {NOBODY: nobody, STRANGER: stranger, OBSERVER: observer, LOCAL: local, CHIEF: chief}


def order(*urns: str, key: int = 900) -> dict[str, Any]:
    targets = {"kind": "twins", "ids": list(urns)}
    return {
        "key": "lamps.dim",
        "targets": targets,
        "payload": {"level_pct": 50},
        "reason": "essai",
        "idempotency_key": str(UUID(int=key)),
    }


ALL = everyone(200, 200, 200, 200)
PUBLIC = everyone(200, 200, 200, 200, nobody=200)
VISIBLE_HERE = everyone(200, 200, 200, 404)
VISIBLE_THERE = everyone(200, 404, 200, 404)


def walks(command_here: UUID, command_there: UUID) -> list[Walk]:
    """The table: reads first, then acts, of each person the one with the fewest rights first."""
    leaving = [
        Walk("DELETE /api/session", "/api/session", everyone(204, 204, 204, 204)),
        Walk("DELETE /api/sessions", "/api/sessions", everyone(401, 401, 401, 401)),
    ]
    return [*list_reads(command_here, command_there), *list_acts(command_here, command_there), *leaving]


def list_reads(command_here: UUID, command_there: UUID) -> list[Walk]:
    return [
        Walk("GET /healthz", "/healthz", everyone(503, 503, 503, 503, nobody=503)),
        Walk("GET /", "/", everyone(503, 503, 503, 503, nobody=503)),
        Walk("GET /{path:path}", "/lighting/map", everyone(503, 503, 503, 503, nobody=503)),
        Walk("POST /api/session", "/api/session", everyone(401, 401, 401, 401), {"username": "x", "password": "y"}),
        Walk("GET /api/session", "/api/session", ALL),
        Walk("GET /api/bootstrap", "/api/bootstrap", ALL),
        Walk("GET /api/strings/{language:str}", "/api/strings/fr", PUBLIC),
        Walk("GET /api/map/{layer:str}", "/api/map/streets", ALL),
        Walk("GET /api/search", "/api/search?q=lampe", ALL),
        Walk("GET /api/twins/{twin_type:str}/positions", "/api/twins/Lamp/positions", VISIBLE_HERE),
        Walk("GET /api/twins/{twin_type:str}/positions", "/api/twins/Pump/positions", VISIBLE_THERE),
        Walk("GET /api/twins/{twin_type:str}/table", "/api/twins/Lamp/table", VISIBLE_HERE),
        Walk("GET /api/twins/{twin_type:str}/table", "/api/twins/Pump/table", VISIBLE_THERE),
        Walk("GET /api/twin/{urn:str}", f"/api/twin/{HERE}", VISIBLE_HERE),
        Walk("GET /api/twin/{urn:str}", f"/api/twin/{THERE}", VISIBLE_THERE),
        Walk("GET /api/twin/{urn:str}", f"/api/twin/{pump(0)}", VISIBLE_THERE),
        Walk("GET /api/twin/{urn:str}/history", f"/api/twin/{HERE}/history?{SPAN}", VISIBLE_HERE),
        Walk("GET /api/twin/{urn:str}/history", f"/api/twin/{THERE}/history?{SPAN}", VISIBLE_THERE),
        Walk("GET /api/twin/{urn:str}/acts", f"/api/twin/{HERE}/acts", VISIBLE_HERE),
        Walk("GET /api/twin/{urn:str}/acts", f"/api/twin/{THERE}/acts", VISIBLE_THERE),
        Walk("GET /api/commands", "/api/commands", ALL),
        Walk("GET /api/commands/{command_id:uuid}", f"/api/commands/{command_here}", VISIBLE_HERE),
        Walk("GET /api/commands/{command_id:uuid}", f"/api/commands/{command_there}", VISIBLE_THERE),
        Walk("GET /api/commands/{command_id:uuid}/targets", f"/api/commands/{command_here}/targets", VISIBLE_HERE),
        Walk("GET /api/commands/{command_id:uuid}/targets", f"/api/commands/{command_there}/targets", VISIBLE_THERE),
        Walk("GET /api/holds", "/api/holds", ALL),
        Walk("GET /api/alarms", "/api/alarms", ALL),
        Walk("GET /api/alarms/cards/{card:uuid}", f"/api/alarms/cards/{CARD_HERE}", VISIBLE_HERE),
        Walk("GET /api/alarms/cards/{card:uuid}", f"/api/alarms/cards/{CARD_THERE}", VISIBLE_THERE),
        Walk("GET /api/alarms/cards/{card:uuid}/members", f"/api/alarms/cards/{CARD_HERE}/members", VISIBLE_HERE),
        Walk("GET /api/alarms/cards/{card:uuid}/members", f"/api/alarms/cards/{CARD_THERE}/members", VISIBLE_THERE),
        Walk("GET /api/alarms/shelvings", "/api/alarms/shelvings", ALL),
        Walk("GET /api/alarms/silences", "/api/alarms/silences", ALL),
        Walk("GET /api/alarms/figures", "/api/alarms/figures", ALL),
        Walk("GET /api/alarms/rationalisation", "/api/alarms/rationalisation", ALL),
        Walk("GET /api/dead-letters", "/api/dead-letters", ALL),
    ]


def list_acts(command_here: UUID, command_there: UUID) -> list[Walk]:
    there_undo = {"idempotency_key": str(UUID(int=950)), **REASON}
    return [
        Walk("POST /api/commands/dry-run", "/api/commands/dry-run", everyone(200, 200, 403, 404), order(HERE)),
        Walk("POST /api/commands/dry-run", "/api/commands/dry-run", everyone(200, 404, 403, 404), order(THERE)),
        Walk("POST /api/commands", "/api/commands", everyone(202, 404, 403, 404), order(HERE, THERE, key=901)),
        # An idempotency key is its owner's alone: the chief comes second with the same one.
        Walk("POST /api/commands", "/api/commands", everyone(400, 202, 403, 404), order(HERE, key=903)),
        Walk("POST /api/commands", "/api/commands", everyone(202, 404, 403, 404), order(THERE, key=902)),
        # Nobody approves here: the commands of this test await no second person.
        *(
            Walk(f"POST /api/commands/{{command_id:uuid}}/{act}", f"/api/commands/{command_id}/{act}", expected, REASON)
            for act in ("approve", "reject")
            for command_id, expected in (
                (command_here, everyone(409, 409, 403, 404)),
                (command_there, everyone(409, 404, 403, 404)),
            )
        ),
        Walk(
            "POST /api/commands/{command_id:uuid}/undo",
            f"/api/commands/{command_there}/undo",
            everyone(400, 404, 403, 404),
            there_undo,
        ),
        Walk(
            "POST /api/dead-letters/{letter_id:uuid}/replay",
            f"/api/dead-letters/{LETTER_HERE}/replay",
            everyone(202, 202, 403, 404),
        ),
        Walk(
            "POST /api/dead-letters/{letter_id:uuid}/replay",
            f"/api/dead-letters/{LETTER_THERE}/replay",
            everyone(202, 404, 403, 404),
        ),
    ]


# Walked with a real server in test_live.py.
SOCKETS = {"WS /api/live"}


def declared_routes(app: Litestar) -> set[str]:
    """Every method and path that the application answers."""
    found = set()
    for route in app.routes:
        for handler in route.route_handlers if hasattr(route, "route_handlers") else [route.route_handler]:
            if isinstance(handler, WebsocketRouteHandler):
                found.add(f"WS {route.path}")
            elif isinstance(handler, HTTPRouteHandler):
                found |= {f"{method} {route.path}" for method in handler.http_methods if method != "OPTIONS"}
    return found


async def test_every_route_has_an_expectation(desk: Desk) -> None:
    judged = {walk.route for walk in walks(UUID(int=1), UUID(int=2))} | SOCKETS
    assert declared_routes(desk.app) == judged


async def _add_letter(desk: Desk, letter_id: UUID, gateway: str) -> None:
    await desk.rows.execute(
        """INSERT INTO dead_letters (id, received_at, driver, gateway, topic, payload, reason, detail)
           VALUES ($1, $2, 'mqtt', $3, 'a/b', '\\x7b', 'not_json', '')""",
        letter_id,
        desk.clock.now(),
        gateway,
    )


async def test_every_role_gets_what_its_rights_say_on_every_route(desk: Desk) -> None:
    here = await desk.dim("chief", Selection("twins", (HERE,)), key=1)
    there = await desk.dim("chief", Selection("twins", (THERE,)), key=2)
    await desk.raise_alarm(101, "lamps.out", HERE)
    await desk.raise_alarm(102, "lamps.out", THERE)
    await _add_letter(desk, LETTER_HERE, "C-0")
    await _add_letter(desk, LETTER_THERE, "C-1")
    found = []
    for walk in walks(here.id, there.id):
        for who, expected in walk.expected.items():
            answer = await desk.ask(walk.method, walk.path, who, walk.body)
            if answer.status_code != expected:
                found.append(
                    f"{walk.route} {walk.path} by {who}: {answer.status_code} instead of {expected}: {answer.text}"
                )
    assert found == []


async def test_lists_hold_only_what_the_person_may_see(desk: Desk) -> None:
    await desk.raise_alarm(101, "lamps.out", HERE)
    await desk.raise_alarm(102, "lamps.out", THERE)
    await desk.raise_alarm(103, "water.dry", pump(0), priority=1)
    await _add_letter(desk, LETTER_HERE, "C-0")
    await _add_letter(desk, LETTER_THERE, "C-1")
    await _add_letter(desk, UUID(int=203), "unknown")
    counts = {}
    for who in ("chief", "local", "stranger"):
        alarms = (await desk.ask("GET", "/api/alarms", who)).json()["cards"]
        letters = (await desk.ask("GET", "/api/dead-letters", who)).json()
        hits = (await desk.ask("GET", "/api/search?q=0&limit=100", who)).json()
        counts[who] = (len(alarms), len(letters), sum(hit["kind"] == "twin" for hit in hits))
        assert {insee for alarm in alarms for insee in alarm["communes"]} <= (
            {OWN} if who == "local" else {OWN, "21002"}
        )
    assert counts == {"chief": (3, 3, 8), "local": (1, 1, 5), "stranger": (0, 0, 0)}


async def test_a_wide_command_shows_only_the_part_that_the_person_sees(desk: Desk) -> None:
    await desk.dim("chief", Selection("twins", (HERE, lamp(0, 1), THERE)))
    for who, targets in (("chief", 3), ("local", 2)):
        (command,) = (await desk.ask("GET", "/api/commands?open=1", who)).json()
        assert command["counts"]["requested"] == targets
        assert len(command["selection"]["ids"]) == targets
        listed = (await desk.ask("GET", f"/api/commands/{command['id']}/targets?state=requested", who)).json()
        assert len(listed) == targets
        acts = (await desk.ask("GET", f"/api/twin/{HERE}/acts", who)).json()
        assert acts[0]["counts"]["requested"] == targets
        assert (acts[0]["target_state"], acts[0]["target_reason"]) == ("requested", None)


async def test_bootstrap_brings_only_the_trades_that_the_person_sees(desk: Desk) -> None:
    trades = {}
    for who in ("chief", "local", "stranger"):
        brought = (await desk.ask("GET", "/api/bootstrap", who)).json()
        trades[who] = [trade["trade"] for trade in brought["trades"]]
        assert len(brought["communes"]) == 3
    assert trades == {"chief": ["lamps", "water"], "local": ["lamps"], "stranger": []}


async def test_a_twin_tells_nothing_of_what_the_person_does_not_see(desk: Desk) -> None:
    seen = (await desk.ask("GET", f"/api/twin/{cabinet(0)}", "local")).json()
    assert (seen["parts"], seen["alarms"], seen["holds"]) == ({"Lamp": 4}, [], [])
    assert (await desk.ask("GET", f"/api/twin/{cabinet(1)}", "local")).json() == {
        "error": {"key": "error.twin_not_found", "values": {"id": cabinet(1)}}
    }
