"""The expectation of every act of the room; an act without a line here fails the matrix."""

from typing import Any

from ondijon.kernel.identity import Verb
from tests.matrix.lighting import BASELINE
from tests.matrix.people import OWN
from tests.matrix.programme_things import CONTENT
from tests.matrix.stage import Where
from tests.matrix.table import EVERYWHERE, Line

# 400 and 409: let in, and refused by the thing's own state.
_LET_IN = frozenset({200, 400, 409})
_UNTIL = "2026-11-21T21:00:00Z"
_VERSIONED = {"id": "{id}", "version": "{version}"}


def _act(
    key: str,
    about: str,
    needs: Verb,
    payload: dict[str, Any],
    where: tuple[Where, ...] = EVERYWHERE,
    *,
    allowed: frozenset[int] = _LET_IN,
    asks_first: bool = False,
) -> Line:
    body = {"key": key, "payload": payload, "idempotency_key": "{key}"}
    return Line(key, "thing", "/api/acts", about, needs, body, allowed, where, fresh=True, asks_first=asks_first)


ALARMS = (
    _act("alarms.acknowledge", "card", "acknowledge", {"cards": ["{id}"], "alarms": []}),
    _act("alarms.acknowledge", "card", "acknowledge", {"cards": [], "alarms": ["{alarm}"]}),
    _act("alarms.shelve", "card", "shelve", {"card": "{id}", "until": _UNTIL, "reason": "essai"}),
    _act("alarms.unshelve", "shelving", "shelve", {"shelvings": ["{id}"]}),
    _act("alarms.dissolve", "card", "acknowledge", {"card": "{id}", "alarms": None, "reason": "essai"}),
    _act("alarms.regroup", "card", "acknowledge", {"alarms": ["{alarm}"]}),
    _act("alarms.reset", "card", "acknowledge", {"alarms": ["{alarm}"]}),
    _act(
        "alarms.take_out_of_service",
        "lamp",
        "configure",
        {"twin": "{id}", "type": None, "until": None, "reason": "essai"},
    ),
    _act(
        "alarms.declare_works",
        "lamp",
        "configure",
        {
            "targets": {"kind": "twins", "ids": ["{id}"]},
            "twin_type": "Lamp",
            "since": "2026-11-21T20:00:00Z",
            "until": _UNTIL,
            "reason": "essai",
        },
        asks_first=True,
    ),
    _act("alarms.end_silence", "silence", "configure", {"id": "{id}"}),
)

_NEW = {
    "type": "roads.pothole",
    "title": "essai",
    "description": "",
    "place": "{place}",
    "twin": None,
    "card": None,
    "call": None,
    "severity": None,
}
_QUALIFIED = {
    **_VERSIONED,
    "type": "roads.pothole",
    "severity": 2,
    "title": "essai",
    "description": "",
    "place": None,
}
_TEXT = {**_VERSIONED, "text": "essai"}
INCIDENTS = (
    _act("incidents.open", "ground", "handle", _NEW, ("own", "other")),
    _act("incidents.qualify", "incident", "handle", _QUALIFIED),
    _act("incidents.take", "incident", "handle", _VERSIONED),
    _act("incidents.release", "incident, owned", "handle", _VERSIONED),
    _act("incidents.assign", "incident", "handle", {**_VERSIONED, "username": "maker"}),
    _act("incidents.start", "incident", "handle", _TEXT),
    _act("incidents.resolve", "incident, started", "handle", _TEXT),
    _act("incidents.close", "incident, resolved", "handle", _TEXT),
    _act("incidents.reopen", "incident, closed", "handle", _TEXT),
    _act("incidents.pause", "incident, started", "handle", {**_VERSIONED, "reason": "weather", "until": None}),
    _act("incidents.resume", "incident, paused", "handle", {**_VERSIONED, "reason": None, "until": None}),
    _act("incidents.comment", "incident", "handle", {"id": "{id}", "text": "essai", "mentions": []}),
    _act("incidents.involve", "incident and contact", "handle", {"id": "{id}", "contact": "{contact}"}),
    _act(
        "incidents.release_participant",
        "incident with participant",
        "handle",
        {"id": "{id}", "participant": "{participant}"},
    ),
    _act(
        "incidents.hand_over",
        "incident and contact",
        "handle",
        {"id": "{id}", "contact": "{contact}", "name": "essai", "reference": "1", "text": ""},
    ),
    _act("incidents.link_asset", "incident with asset", "handle", {"id": "{id}", "twin": "{twin}"}),
    _act("incidents.unlink_asset", "incident with asset", "handle", {"id": "{id}", "twin": "{twin}"}),
    _act("incidents.add_source", "incident", "handle", {"id": "{id}", "kind": "patrol", "source": "essai"}),
    _act("incidents.merge", "incident and another", "handle", {**_VERSIONED, "into": "{into}", "reason": "essai"}),
    _act(
        "incidents.split",
        "incident and another",
        "handle",
        {**_VERSIONED, "sources": ["{source}"], "title": "essai", "reason": "essai"},
    ),
    # The route that takes a file in attaches it: here it is attached already, and no file waits.
    _act(
        "incidents.attach",
        "incident with file",
        "handle",
        {"id": "{id}", "file": "{file}"},
        allowed=frozenset({404}),
    ),
)

_SAVED: dict[str, Any] = {
    **_VERSIONED,
    "type": None,
    "text": "essai",
    "place": None,
    "number": None,
    "name": None,
    "anonymous": True,
    "answers": {},
}
CALLS = (
    _act("calls.open", "calls", "answer", {"channel": "hand", "number": None, "name": None}, ("own",)),
    _act(
        "calls.hear",
        "the post's own",
        "answer",
        {"event": "ringing", "call": "{key}", "at": "2026-11-21T20:00:00Z", "number": None, "agent": None},
        ("own",),
    ),
    _act("calls.take", "ringing call", "answer", _VERSIONED),
    _act("calls.save", "call", "answer", _SAVED),
    _act("calls.link", "call and incident", "answer", {"id": "{id}", "incident": "{incident}"}),
    _act("calls.promise", "call", "answer", {"id": "{id}", "at": "2026-11-22T20:00:00Z", "text": "essai"}),
    _act("calls.end", "call", "answer", _VERSIONED),
    _act("calls.call_back", "lost call", "answer", {"id": "{id}", "outcome": "no_answer", "text": ""}),
)

_CONTACT = {
    "key": "{key_of}",
    "kind": "service",
    "name": "Essai",
    "trades": ["roads"],
    "communes": [OWN],
    "hours": "24/7",
    "phone": "0380000001",
}
OTHERS = (
    _act("directory.save", "contact", "configure", {**_CONTACT, "id": "{id}"}),
    _act("directory.retire", "contact", "configure", {"id": "{id}"}),
    _act(
        "directory.find_on_duty",
        "ground",
        "see",
        {"trade": "roads", "commune": "{id}", "keys": [], "kinds": ["service"]},
    ),
    _act("logbook.write", "ground", "log", {"text": "essai", "trade": "roads", "commune": "{id}", "subject": None}),
    _act("logbook.correct", "line", "log", {"line_no": "{line_no}", "text": "essai"}),
    _act("notifications.read", "anything", "see", {"ids": []}, ("own",)),
    _act("notifications.set_address", "anything", "see", {"way": "mail", "address": "essai@example.org"}, ("own",)),
    _act("identity.end_session", "session of another", "see", {"id": "{id}"}),
    _act("identity.end_glass", "anything", "handle", {}, ("own",)),
    # Last: whoever has broken the glass may do nearly everything afterwards.
    _act(
        "identity.break_glass",
        "anything",
        "handle",
        {"reason": "essai de la matrice", "minutes": 5},
        ("own",),
    ),
)

_POLICY = {
    "commune": "{id}",
    "from_min": 60,
    "to_min": 300,
    "least_pct": 0,
    "since": "2026-11-21",
    "until": "2027-11-21",
    "reason": "essai",
}
_ADJUSTMENT = {
    "cabinet": "{id}",
    "kind": "routine",
    "from_day": "2025-02-01",
    "until_day": None,
    "lights": 2,
    "power_w": 168.0,
    "reason": "essai",
    "source": "essai",
}
_SAID = {"commune": "{id}", "street": "{street}", "lighting_class": "M4", "reason": "essai"}
CLASSES = (
    _act("lighting.set_street_class", "lit commune", "configure", _SAID),
    _act("lighting.set_adaptive", "lit commune", "configure", {"commune": "{id}", "on": True, "reason": "essai"}),
    _act("lighting.propose_policy", "lit commune", "configure", _POLICY),
    _act(
        "lighting.open_work_order",
        "light",
        "handle",
        {"twin": "{id}", "kind": "repair", "note": "", "card": None, "incident": None, "due_day": None},
    ),
    _act("lighting.assign_work_order", "work order", "handle", {**_VERSIONED, "to": None}),
    _act("lighting.finish_work_order", "work order", "handle", {**_VERSIONED, "outcome": "essai"}),
    _act("lighting.cancel_work_order", "work order", "handle", {**_VERSIONED, "reason": "essai"}),
    _act("lighting.reopen_work_order", "work order, cancelled", "handle", {**_VERSIONED, "reason": "essai"}),
    _act("lighting.attach_photo", "work order", "handle", {"id": "{id}", "photo": "{photo}"}),
    _act("lighting.set_baseline", "lit commune", "configure", {"commune": "{id}", **BASELINE}),
    _act("lighting.decide_baseline", "baseline", "approve", {"id": "{id}", "approve": False, "reason": "essai"}),
    _act("lighting.adjust_baseline", "light cabinet", "configure", _ADJUSTMENT),
    _act("lighting.authorise_policy", "policy", "approve", {"id": "{id}"}),
    _act("lighting.reject_policy", "policy", "approve", {"id": "{id}", "reason": "essai"}),
    _act("lighting.revoke_policy", "policy, authorised", "configure", {"id": "{id}", "reason": "essai"}),
)

_JUDGED = {**_VERSIONED, "reason": "essai"}
PROGRAMMES = (
    _act("lighting.draft_programme", "lit commune", "configure", {"content": CONTENT}),
    _act("lighting.propose_programme", "programme, draft", "configure", _JUDGED),
    _act("lighting.publish_programme", "programme, proposed", "approve", _VERSIONED),
    _act("lighting.reject_programme", "programme, proposed", "approve", _JUDGED),
    _act("lighting.withdraw_programme", "programme, draft", "configure", _JUDGED),
    _act("lighting.withdraw_programme", "programme, published", "approve", _JUDGED),
    _act("lighting.end_special_evening", "special evening", "command", _JUDGED),
)

_LED = {"targets": {"kind": "twins", "ids": ["{id}"]}, "values": {"lamp_type": "led"}, "reason": "essai"}
ASSETS = (
    _act("lighting.re_equip_lights", "light", "configure", _LED, asks_first=True),
    _act("lighting.approve_re_equipment", "re-equipment", "approve", {"id": "{id}"}),
    _act("lighting.reject_re_equipment", "re-equipment", "approve", {"id": "{id}", "reason": "essai"}),
    _act("lighting.undo_re_equipment", "re-equipment, applied", "configure", {"id": "{id}", "reason": "essai"}),
)

# The acts of OTHERS last: see there.
ACTS = (*ALARMS, *INCIDENTS, *CALLS, *CLASSES, *PROGRAMMES, *ASSETS, *OTHERS)
# Let in everywhere and refused by the thing's state each time, with the reason.
NEVER_DONE = {
    "alarms.reset": "no alarm of this city latches",
    "alarms.dissolve": "a card of one alarm has nothing to be taken apart",
    "identity.end_session": "the session is another person's",
    "incidents.attach": "the file is attached by the route that takes it in",
    "calls.hear": "the telephone system is heard by its own route",
    "identity.end_glass": "nobody has broken the glass before",
}
