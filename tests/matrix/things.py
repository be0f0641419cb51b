"""What the matrix is walked over: each kind of thing, on own ground, on other ground, and one that does not exist."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from ondijon.apps.console.tests.conftest import ORIGIN, card_of
from ondijon.kernel.commands import Selection
from ondijon.testing.builders import COMMUNES, lamp, pump
from ondijon.web.sessions import COOKIE
from tests.matrix import lighting, programme_things
from tests.matrix.people import MAKER
from tests.matrix.stage import ANY, Make, Stage, Thing, Where

PLACE = {"own": 0, "other": 1, "none": 2}


def _commune(where: Where) -> str:
    return COMMUNES[PLACE[where]]


def spot(where: Where) -> dict[str, Any]:
    """A point in the commune."""
    return {"lon": 5.05 + PLACE[where] / 10, "lat": 47.31}


def _absent(trade: str, **extra: Any) -> Thing:
    """What nobody has made; the same shape as what somebody has."""
    return Thing(str(UUID(int=(1 << 69) + 77)), trade, "", extra)


async def _lamp(stage: Stage, where: Where) -> Thing:
    urn = lamp(PLACE[where], 3)
    return Thing(urn.replace("L-", "N-") if where == "none" else urn, "lamps", _commune(where))


async def _pump(stage: Stage, where: Where) -> Thing:
    urn = pump(PLACE[where])
    return Thing(urn.replace("P-", "N-") if where == "none" else urn, "water", _commune(where))


async def _lamp_type(stage: Stage, where: Where) -> Thing:
    return Thing("Pamp" if where == "none" else "Lamp", "lamps", ANY)


async def _pump_type(stage: Stage, where: Where) -> Thing:
    return Thing("Dump" if where == "none" else "Pump", "water", ANY)


async def _commune_thing(stage: Stage, where: Where) -> Thing:
    return Thing("99999" if where == "none" else _commune(where), ANY, _commune(where))


async def _the_post(stage: Stage, where: Where) -> Thing:
    return Thing("post", "platform", ANY)


async def _command(stage: Stage, where: Where) -> Thing:
    if where == "none":
        return _absent("lamps")
    targets = Selection("twins", (lamp(PLACE[where], 2),))
    made = await stage.desk.dim(MAKER, targets, key=(1 << 40) + stage.number())
    return Thing(str(made.id), "lamps", _commune(where))


async def _letter(stage: Stage, where: Where) -> Thing:
    if where == "none":
        return _absent("lamps")
    letter = UUID(int=(2 << 100) + stage.number())
    await stage.desk.rows.execute(
        """INSERT INTO dead_letters (id, received_at, driver, gateway, topic, payload, reason, detail)
           VALUES ($1, $2, 'mqtt', $3, 'a/b', '\\x7b', 'not_json', '')""",
        letter,
        stage.desk.clock.now(),
        f"C-{PLACE[where]}",
    )
    return Thing(str(letter), "lamps", _commune(where))


async def _card(stage: Stage, where: Where) -> Thing:
    """A fresh alarm in a card of its own; the former one of the same lamp is over."""
    alarm = UUID(int=(3 << 40) + 1)
    if where == "none":
        return Thing(str(card_of((3 << 40) + 1)), "lamps", "", {"alarm": str(alarm)})
    rows, urn = stage.desk.rows, lamp(PLACE[where], 1)
    twins, row = stage.desk.city.get_twin(urn)
    twin_no = int(twins.twin_no[row])
    await rows.execute("UPDATE alarms SET state = 'normal' WHERE twin_no = $1", twin_no)
    await rows.execute("UPDATE alarm_shelvings SET ended_at = until WHERE twin_no = $1 AND ended_at IS NULL", twin_no)
    number = (4 << 40) + stage.number()
    alarm = await stage.desk.raise_alarm(number, "lamps.out", urn)
    return Thing(str(card_of(number)), "lamps", _commune(where), {"alarm": str(alarm)})


async def _shelving(stage: Stage, where: Where) -> Thing:
    if where == "none":
        return _absent("lamps")
    card = await _card(stage, where)
    until = (stage.desk.clock.now() + timedelta(hours=1)).isoformat()
    await stage.act("alarms.shelve", {"card": card.id, "until": until, "reason": "essai"})
    row = await stage.desk.rows.fetch_one("SELECT id FROM alarm_shelvings WHERE ended_at IS NULL ORDER BY id DESC")
    assert row is not None
    return Thing(str(row["id"]), "lamps", _commune(where))


async def _silence(stage: Stage, where: Where) -> Thing:
    if where == "none":
        return _absent("lamps")
    asked = {"twin": lamp(PLACE[where], 0), "type": None, "until": None, "reason": "essai"}
    made = await stage.act("alarms.take_out_of_service", asked)
    return Thing(made["id"], "lamps", _commune(where))


async def _incident(stage: Stage, where: Where) -> Thing:
    if where == "none":
        return _absent("roads", version=1)
    asked = {
        "type": "roads.pothole",
        "title": "essai",
        "description": "",
        "place": spot(where),
        "twin": None,
        "card": None,
        "call": None,
        "severity": None,
    }
    made = await stage.act("incidents.open", asked)
    return Thing(made["id"], "roads", _commune(where), {"version": 1})


def _after(*steps: tuple[str, dict[str, Any]]) -> Make:
    """An incident to which this was done already."""

    async def make(stage: Stage, where: Where) -> Thing:
        thing = await _incident(stage, where)
        if where == "none":
            return thing
        version = 1
        for key, more in steps:
            done = await stage.act(key, {"id": thing.id, "version": version, **more})
            version = done["version"] if isinstance(done, dict) and "version" in done else version + 1
        return Thing(thing.id, thing.trade, thing.commune, {"version": version})

    return make


_STARTED = ("incidents.start", {"text": ""})
_RESOLVED = ("incidents.resolve", {"text": "fait"})
_CLOSED = ("incidents.close", {"text": ""})
_PAUSED = ("incidents.pause", {"reason": "weather", "until": None})


async def _incident_with_asset(stage: Stage, where: Where) -> Thing:
    thing = await _incident(stage, where)
    asset = lamp(PLACE["own" if where == "none" else where], 0)
    if where != "none":
        await stage.act("incidents.link_asset", {"id": thing.id, "twin": asset})
    return Thing(thing.id, thing.trade, thing.commune, {"twin": asset})


async def _incident_with_participant(stage: Stage, where: Where) -> Thing:
    thing = await _incident(stage, where)
    if where == "none":
        return Thing(thing.id, thing.trade, thing.commune, {"participant": str(UUID(int=5))})
    contact = await _contact(stage, where)
    await stage.act("incidents.involve", {"id": thing.id, "contact": contact.id})
    row = await stage.desk.rows.fetch_one("SELECT id FROM incident_participants WHERE incident = $1", UUID(thing.id))
    assert row is not None
    return Thing(thing.id, thing.trade, thing.commune, {"participant": str(row["id"])})


async def _incident_and_contact(stage: Stage, where: Where) -> Thing:
    """A body outside, which may be involved and to which it may be handed over."""
    thing = await _incident(stage, where)
    contact = await _contact(stage, "own", "outside")
    return Thing(thing.id, thing.trade, thing.commune, {"contact": contact.id})


async def _incident_and_another(stage: Stage, where: Where) -> Thing:
    """One on this ground, to be put into one at home; its first source is known."""
    thing = await _incident(stage, where)
    into = await _incident(stage, "own")
    if where == "none":
        return Thing(thing.id, thing.trade, "", {"version": 1, "into": into.id, "source": str(UUID(int=6))})
    for number in range(2):
        await stage.act("incidents.add_source", {"id": thing.id, "kind": "patrol", "source": f"P{number}"})
    row = await stage.desk.rows.fetch_one(
        "SELECT version, (SELECT min(id::text) FROM incident_sources WHERE incident = $1) AS source "
        "FROM incidents WHERE id = $1",
        UUID(thing.id),
    )
    assert row is not None
    extra = {"version": row["version"], "into": into.id, "source": row["source"]}
    return Thing(thing.id, thing.trade, thing.commune, extra)


async def _incident_with_file(stage: Stage, where: Where) -> Thing:
    thing = await _incident(stage, where)
    if where == "none":
        return Thing(thing.id, thing.trade, thing.commune, {"file": str(UUID(int=7))})
    desk = stage.desk
    headers = {"Origin": ORIGIN, "X-Ondijon": "1", "Cookie": f"{COOKIE}={await desk.cookie(MAKER)}"}
    sent = await desk.client.post(
        f"/api/incidents/{thing.id}/files", files={"file": ("note.txt", b"essai")}, headers=headers
    )
    assert sent.status_code in (200, 201), sent.text
    return Thing(thing.id, thing.trade, thing.commune, {"file": sent.json()["id"]})


async def _contact(stage: Stage, where: Where, kind: str = "service") -> Thing:
    if where == "none":
        return _absent("roads", key="essai_0")
    number = stage.number()
    made = await stage.act(
        "directory.save",
        {
            "id": None,
            "key": f"essai_{number}",
            "kind": kind,
            "name": f"Voirie {number}",
            "trades": ["roads"],
            "communes": [_commune(where)],
            "hours": "24/7",
            "phone": "0380000001",
        },
    )
    return Thing(made["id"], "roads", _commune(where), {"key": f"essai_{number}"})


async def _call(stage: Stage, where: Where) -> Thing:
    if where == "none":
        return _absent("calls", version=1)
    opened = await stage.act("calls.open", {"channel": "hand", "number": "0380000000", "name": "Essai"})
    row = await stage.desk.rows.fetch_one("SELECT version FROM calls WHERE id = $1", UUID(opened["id"]))
    assert row is not None
    saved = await stage.act(
        "calls.save",
        {
            "id": opened["id"],
            "version": row["version"],
            "type": None,
            "text": "essai",
            "place": spot(where),
            "number": "0380000000",
            "name": "Essai",
            "anonymous": False,
            "answers": {},
        },
    )
    return Thing(opened["id"], "calls", _commune(where), {"version": saved["version"]})


async def _ringing_call(stage: Stage, where: Where) -> Thing:
    thing = await _call(stage, where)
    if where != "none":
        await stage.desk.rows.execute(
            "UPDATE calls SET state = 'ringing', answered_at = NULL, taken_by = NULL WHERE id = $1", UUID(thing.id)
        )
    return thing


async def _call_and_incident(stage: Stage, where: Where) -> Thing:
    thing, incident = await _call(stage, where), await _incident(stage, "own")
    return Thing(thing.id, thing.trade, thing.commune, {"incident": incident.id})


async def _lost_call(stage: Stage, where: Where) -> Thing:
    """Ended, and its caller waits to be called back."""
    thing = await _call(stage, where)
    if where != "none":
        await stage.act("calls.end", {"id": thing.id, "version": thing.extra["version"]})
        await stage.desk.rows.execute(
            "UPDATE calls SET call_back = 'wanted', call_back_since = $2 WHERE id = $1",
            UUID(thing.id),
            stage.desk.clock.now(),
        )
    return thing


async def _line(stage: Stage, where: Where) -> Thing:
    if where == "none":
        return Thing("987654321", "roads", "", {"line_no": 987_654_321})
    asked = {"text": "essai", "trade": "roads", "commune": _commune(where), "subject": None}
    made = await stage.act("logbook.write", asked)
    return Thing(str(made["line_no"]), "roads", _commune(where), {"line_no": made["line_no"]})


async def _ground(stage: Stage, where: Where) -> Thing:
    """A commune and a point in it, to open or to write something new there."""
    insee = "99999" if where == "none" else _commune(where)
    return Thing(insee, "roads", _commune(where), {"place": spot(where), "lamp": lamp(PLACE[where], 3)})


async def _calls_ground(stage: Stage, where: Where) -> Thing:
    return Thing(_commune(where), "calls", ANY)


async def _session(stage: Stage, where: Where) -> Thing:
    """Another person's: nobody's own, so that for everybody it does not exist."""
    if where == "none":
        return _absent("identity")
    row = await stage.desk.rows.fetch_one("SELECT id FROM sessions WHERE user_id = $1 LIMIT 1", stage.desk.users[MAKER])
    assert row is not None
    return Thing(str(row["id"]), "identity", "nobody's")


async def _nobody_s(stage: Stage, where: Where) -> Thing:
    """What belongs to the post itself: it exists for no person."""
    return Thing("", "identity", "nobody's")


async def _lit_commune(stage: Stage, where: Where) -> Thing:
    """A commune and a street of it, of the trade that lights them."""
    insee = "99999" if where == "none" else _commune(where)
    return Thing(insee, "lighting", _commune(where), {"street": f"Rue de l’Œuvre {PLACE[where]}"})


async def _policy(stage: Stage, where: Where) -> Thing:
    if where == "none":
        return _absent("lighting")
    asked = {
        "commune": _commune(where),
        "from_min": 60,
        "to_min": 300,
        "least_pct": 0,
        "since": "2026-11-21",
        "until": "2027-11-21",
        "reason": "essai",
    }
    made = await stage.act("lighting.propose_policy", asked)
    return Thing(made["id"], "lighting", _commune(where))


async def _authorised_policy(stage: Stage, where: Where) -> Thing:
    """Authorised, for what is tried here by the same one person who proposed it."""
    thing = await _policy(stage, where)
    if where != "none":
        await stage.desk.rows.execute("UPDATE lighting_policies SET state = 'authorised' WHERE id = $1", UUID(thing.id))
    return thing


async def _anything(stage: Stage, where: Where) -> Thing:
    """Nothing in particular: an act about oneself."""
    return Thing("", ANY, ANY)


KINDS: dict[str, Make] = {
    **programme_things.KINDS,
    **lighting.KINDS,
    "anything": _anything,
    "call": _call,
    "call and incident": _call_and_incident,
    "calls": _calls_ground,
    "card": _card,
    "command": _command,
    "the post": _the_post,
    "commune": _commune_thing,
    "contact": _contact,
    "ground": _ground,
    "incident": _incident,
    "incident and another": _incident_and_another,
    "incident and contact": _incident_and_contact,
    "incident, closed": _after(_STARTED, _RESOLVED, _CLOSED),
    "incident, paused": _after(_STARTED, _PAUSED),
    "incident, resolved": _after(_STARTED, _RESOLVED),
    "incident, started": _after(_STARTED),
    "incident, owned": _after(("incidents.take", {})),
    "incident with asset": _incident_with_asset,
    "incident with file": _incident_with_file,
    "incident with participant": _incident_with_participant,
    "lamp": _lamp,
    "lamps": _lamp_type,
    "letter": _letter,
    "line": _line,
    "lit commune": _lit_commune,
    "the post's own": _nobody_s,
    "lost call": _lost_call,
    "policy": _policy,
    "policy, authorised": _authorised_policy,
    "pump": _pump,
    "pumps": _pump_type,
    "ringing call": _ringing_call,
    "session of another": _session,
    "shelving": _shelving,
    "silence": _silence,
}
