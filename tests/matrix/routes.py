"""The expectation of every HTTP route and of the live socket; a route without a line here fails the matrix."""

from typing import Any

from tests.matrix.programme_things import CONTENT
from tests.matrix.table import Line

_OK = frozenset({200})
_DONE = frozenset({200, 202, 400, 409})
_SPAN = "property=level_pct&from=2026-11-20T00:00:00Z&to=2026-11-22T00:00:00Z"
_DAY = "from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z"
_ORDER: dict[str, Any] = {
    "key": "lamps.dim",
    "targets": {"kind": "twins", "ids": ["{id}"]},
    "payload": {"level_pct": 50},
    "reason": "essai",
    "idempotency_key": "{key}",
}
_LIGHT = {"targets": {"kind": "twins", "ids": ["{id}"]}}
_WRONG_PROOF = {"username": "{who}-elsewhere", "password": "wrong"}


def _open(name: str, path: str, status: int = 200, **more: Any) -> Line:
    return Line(name, "open", path, allowed=frozenset({status}), where=("own",), **more)


def _mine(name: str, path: str, status: int = 200, **more: Any) -> Line:
    return Line(name, "mine", path, allowed=frozenset({status}), where=("own",), **more)


def _list(name: str, path: str, **more: Any) -> Line:
    return Line(name, "list", path, where=("own",), **more)


def _thing(name: str, about: str, path: str, **more: Any) -> Line:
    return Line(name, "thing", path, about, **more)


OPEN = (
    _open("GET /healthz", "/healthz"),
    _open("GET /", "/", 503),
    _open("GET /{path:path}", "/lighting/map", 503),
    _open("GET /api/strings/{language:str}", "/api/strings/fr"),
    _open("GET /api/sign-in-ways", "/api/sign-in-ways"),
    _open("POST /api/session", "/api/session", 401, body=_WRONG_PROOF),
    # A collector shows its own token, whoever is signed in.
    _open("GET /metrics", "/metrics", 401),
    # No directory is tied to this post.
    _open("GET /api/oidc/start", "/api/oidc/start", 404),
    _open("GET /api/oidc/back", "/api/oidc/back?code=x&state=y", 404),
    _open("GET /api/oidc/done", "/api/oidc/done"),
    # A telephone system shows its own token, whoever is signed in.
    _open(
        "POST /api/cti/events",
        "/api/cti/events",
        401,
        body={"event": "ringing", "call": "x", "at": "2026-11-21T20:00:00Z", "number": None, "agent": None},
    ),
)

MINE = (
    _mine("GET /api/session", "/api/session"),
    _mine("POST /api/session/input", "/api/session/input", 204),
    _mine("POST /api/session/unlock", "/api/session/unlock", 401, body={"password": "wrong"}, locked_too=True),
    _mine("GET /api/sessions", "/api/sessions"),
    _mine("GET /api/glass", "/api/glass"),
    _mine("GET /api/rights", "/api/rights"),
    _mine("GET /api/notifications", "/api/notifications"),
    _mine("GET /api/notifications/addresses", "/api/notifications/addresses"),
    _mine("GET /api/map/{layer:str}", "/api/map/streets"),
    _mine("GET /api/incident-types", "/api/incident-types"),
    _mine("GET /api/automations", "/api/automations"),
    _mine("GET /api/automations/{key:str}/decisions", "/api/automations/root_cause/decisions"),
    _mine("GET /api/addresses", "/api/addresses?q=rue de l'oeuvre"),
    _mine("GET /api/addresses/reverse", "/api/addresses/reverse?lon=5.05&lat=47.3"),
    _mine("GET /api/logbook/key", "/api/logbook/key"),
    _mine("GET /api/alarms/rationalisation", "/api/alarms/rationalisation"),
    # Last, because they use up the session.
    _mine("POST /api/session/lock", "/api/session/lock", 204, spends=True),
    _mine("DELETE /api/session", "/api/session", 204, spends=True, locked_too=True),
    _mine("DELETE /api/sessions", "/api/sessions", 204, spends=True, locked_too=True),
)

LISTS = (
    _list("GET /api/bootstrap", "/api/bootstrap"),
    _list("GET /api/search", "/api/search?q=lampe"),
    _list("GET /api/holds", "/api/holds"),
    _list("GET /api/commands", "/api/commands"),
    _list("GET /api/dead-letters", "/api/dead-letters"),
    _list("GET /api/alarms", "/api/alarms"),
    _list("GET /api/alarms/shelvings", "/api/alarms/shelvings"),
    _list("GET /api/alarms/silences", "/api/alarms/silences"),
    _list("GET /api/alarms/figures", "/api/alarms/figures"),
    _list("GET /api/incidents", "/api/incidents?state=all"),
    _list("GET /api/people", "/api/people?may=handle"),
    _list("GET /api/directory", "/api/directory"),
    _list("GET /api/notifications/deliveries", "/api/notifications/deliveries"),
    _list("GET /api/calls", "/api/calls?list=recent"),
    _list("GET /api/calls/figures", "/api/calls/figures"),
    _list("GET /api/logbook", "/api/logbook"),
    _list("GET /api/logbook/export.json", f"/api/logbook/export.json?{_DAY}", needs="export"),
    _list("GET /api/logbook/export.pdf", f"/api/logbook/export.pdf?{_DAY}", needs="export"),
    _list("GET /api/wall", "/api/wall"),
    _list("GET /api/lighting/savings", "/api/lighting/savings"),
    _list("GET /api/lighting/re-equipments", "/api/lighting/re-equipments"),
    _list("GET /api/lighting/maintenance", "/api/lighting/maintenance"),
    _list("GET /api/lighting/renewal", "/api/lighting/renewal"),
    _list("GET /api/lighting/renewal/export.csv", "/api/lighting/renewal/export.csv", needs="export"),
    _list("GET /api/lighting/work-orders", "/api/lighting/work-orders"),
    _list("GET /api/lighting/work-orders/export.csv", "/api/lighting/work-orders/export.csv", needs="export"),
)

THINGS = (
    _thing("GET /api/twins/{twin_type:str}/positions", "lamps", "/api/twins/{id}/positions", where=("own", "none")),
    _thing("GET /api/twins/{twin_type:str}/positions", "pumps", "/api/twins/{id}/positions", where=("own", "none")),
    _thing("GET /api/twins/{twin_type:str}/table", "lamps", "/api/twins/{id}/table", where=("own", "none")),
    _thing("GET /api/twins/{twin_type:str}/table", "pumps", "/api/twins/{id}/table", where=("own", "none")),
    _thing("GET /api/twin/{urn:str}", "lamp", "/api/twin/{id}"),
    _thing("GET /api/twin/{urn:str}", "pump", "/api/twin/{id}"),
    _thing("GET /api/twin/{urn:str}/history", "lamp", f"/api/twin/{{id}}/history?{_SPAN}"),
    _thing("GET /api/twin/{urn:str}/rollups", "lamp", f"/api/twin/{{id}}/rollups?{_SPAN}"),
    _thing("GET /api/twin/{urn:str}/acts", "lamp", "/api/twin/{id}/acts"),
    _thing("GET /api/commands/{command_id:uuid}", "command", "/api/commands/{id}"),
    _thing("GET /api/commands/{command_id:uuid}/targets", "command", "/api/commands/{id}/targets"),
    _thing("GET /api/alarms/cards/{card:uuid}", "card", "/api/alarms/cards/{id}"),
    _thing("GET /api/alarms/cards/{card:uuid}/members", "card", "/api/alarms/cards/{id}/members"),
    _thing("GET /api/incidents/{incident_id:uuid}", "incident", "/api/incidents/{id}"),
    _thing(
        "GET /api/incidents/{incident_id:uuid}/files/{file_id:uuid}",
        "incident with file",
        "/api/incidents/{id}/files/{file}",
    ),
    _thing(
        "GET /api/incidents/{incident_id:uuid}/report.pdf", "incident", "/api/incidents/{id}/report.pdf", needs="export"
    ),
    _thing(
        "GET /api/incidents/{incident_id:uuid}/export.json",
        "incident",
        "/api/incidents/{id}/export.json",
        needs="export",
    ),
    _thing("GET /api/calls/{call:uuid}", "call", "/api/calls/{id}"),
    _thing("GET /api/lighting/modes/{mode:str}", "lights", "/api/lighting/modes/power", where=("own",)),
    _thing("GET /api/lighting/cabinets", "lights", "/api/lighting/cabinets", where=("own",)),
    _thing("GET /api/lighting/cabinets/{urn:str}", "light cabinet", "/api/lighting/cabinets/{id}"),
    _thing("GET /api/lighting/re-equipments/{re_equipment:uuid}", "re-equipment", "/api/lighting/re-equipments/{id}"),
    _thing("GET /api/communes/{insee:str}/week", "commune", "/api/communes/{id}/week"),
    _thing("GET /api/lighting/savings/{commune:str}/{year:int}", "saving", "/api/lighting/savings/{id}/2025"),
    _thing(
        "GET /api/lighting/savings/{commune:str}/{year:int}/export.json",
        "saving",
        "/api/lighting/savings/{id}/2025/export.json",
        needs="export",
    ),
    _thing(
        "GET /api/lighting/savings/{commune:str}/{year:int}/export.csv",
        "saving",
        "/api/lighting/savings/{id}/2025/export.csv",
        needs="export",
    ),
    _thing(
        "GET /api/lighting/work-orders/{order:uuid}/photos/{photo:uuid}",
        "work order",
        "/api/lighting/work-orders/{id}/photos/{photo}",
    ),
)

PROGRAMMES = (
    _list("GET /api/lighting/programmes", "/api/lighting/programmes"),
    _thing("GET /api/lighting/programmes/{key:str}", "programme", "/api/lighting/programmes/{id}"),
    _thing(
        "GET /api/lighting/programme-versions/{version:uuid}",
        "programme, published",
        "/api/lighting/programme-versions/{id}",
    ),
    _thing(
        "GET /api/lighting/programme-versions/{version:uuid}/gateways",
        "programme, published",
        "/api/lighting/programme-versions/{id}/gateways",
    ),
    _thing(
        "GET /api/lighting/programme-versions/{version:uuid}/preview",
        "programme, published",
        "/api/lighting/programme-versions/{id}/preview",
    ),
    _thing(
        "GET /api/lighting/programme-versions/{version:uuid}/diff",
        "programme, published",
        "/api/lighting/programme-versions/{id}/diff",
    ),
    _thing(
        "POST /api/lighting/programme-preview",
        "lit commune",
        "/api/lighting/programme-preview",
        body={"content": CONTENT, "night": None},
        where=("own", "other"),
    ),
    _thing("GET /api/lighting/nights", "lit commune", "/api/lighting/nights?commune={id}"),
    _thing("GET /api/lighting/why", "streetlight", "/api/lighting/why?twin={id}"),
)

ACTING = (
    _thing("POST /api/commands/dry-run", "lamp", "/api/commands/dry-run", needs="command", body=_ORDER),
    _thing("POST /api/commands", "lamp", "/api/commands", needs="command", body=_ORDER, allowed=frozenset({202})),
    _thing(
        "POST /api/commands/{command_id:uuid}/approve",
        "command",
        "/api/commands/{id}/approve",
        needs="approve",
        allowed=_DONE,
    ),
    _thing(
        "POST /api/commands/{command_id:uuid}/reject",
        "command",
        "/api/commands/{id}/reject",
        needs="approve",
        body={"reason": "essai"},
        allowed=_DONE,
    ),
    _thing(
        "POST /api/commands/{command_id:uuid}/undo",
        "command",
        "/api/commands/{id}/undo",
        needs="command",
        body={"reason": "essai", "idempotency_key": "{key}"},
        allowed=_DONE,
    ),
    _thing(
        "POST /api/lighting/lights.csv",
        "light",
        "/api/lighting/lights.csv",
        needs="export",
        body=_LIGHT,
    ),
    _thing(
        "POST /api/lighting/re-equipments/dry-run",
        "light",
        "/api/lighting/re-equipments/dry-run",
        needs="configure",
        body={**_LIGHT, "values": {"lamp_type": "led"}},
    ),
    _thing(
        "POST /api/dead-letters/{letter_id:uuid}/replay",
        "letter",
        "/api/dead-letters/{id}/replay",
        needs="configure",
        allowed=frozenset({202}),
    ),
    _thing(
        "POST /api/incidents/{incident_id:uuid}/files",
        "incident",
        "/api/incidents/{id}/files",
        needs="handle",
        allowed=frozenset({200, 201}),
        sends_file=True,
    ),
    _thing(
        "POST /api/lighting/work-orders/{order:uuid}/photos",
        "work order",
        "/api/lighting/work-orders/{id}/photos",
        needs="handle",
        sends_file=True,
    ),
)

CLASSES = (
    _list("GET /api/lighting/classes", "/api/lighting/classes"),
    _list("GET /api/lighting/floors", "/api/lighting/floors"),
    _list("GET /api/lighting/policies", "/api/lighting/policies"),
    _list("GET /api/lighting/ledger", "/api/lighting/ledger"),
    _thing("GET /api/lighting/classes/{commune:str}", "lit commune", "/api/lighting/classes/{id}"),
    _thing("GET /api/status", "the post", "/api/status", where=("own",)),
    _thing("GET /api/lighting/adaptive", "lit commune", "/api/lighting/adaptive?commune={id}"),
)

ROUTES = (*OPEN, *LISTS, *THINGS, *PROGRAMMES, *CLASSES, *ACTING, *MINE)
# Judged elsewhere in this folder: each act by its own line, the socket message by message.
BY_ACT = "POST /api/acts"
SOCKET = "WS /api/live"
