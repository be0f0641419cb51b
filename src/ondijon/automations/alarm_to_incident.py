"""An alarm that cannot wait becomes an incident by itself, once."""

from ondijon.kernel.alarms import Priority
from ondijon.kernel.automation import Card, Past, Rule, WantedAct
from ondijon.kernel.events import Event

CARD = Card(
    key="alarm_to_incident",
    reads=("card.raised", "card.raised_again", "card.grouped"),
    acts_on=("incidents.open", "incidents.add_source"),
    personal_data=(),
    owner="control_room",
    since="2026-11-22",
    version=1,
)
# A dip of the mains that is over within this time is no incident.
STANDS_S = 45.0
COMES_BACK_S = 3_600.0
ALWAYS = frozenset(["feeder"])


def is_for_an_incident(event: Event) -> bool:
    """Priority 1 and 2, and a feeder's loss whatever the priority of each of its alarms."""
    priority, kind = event.payload.get("priority"), event.payload.get("kind")
    return (isinstance(priority, int) and priority <= Priority.HIGH) or kind in ALWAYS


def name_thread(event: Event) -> str:
    """The same cause at the same element: a new card for it within the hour is the old trouble come back."""
    return f"{event.payload.get('kind')} {event.payload.get('element')} {event.twin or ''}"


def decide(event: Event, past: tuple[Past, ...]) -> tuple[WantedAct, ...]:
    """Open an incident from the card, or hang the card on the one that its thread opened within the hour."""
    card = (event.subject or "").removeprefix("card:")
    if not card or not is_for_an_incident(event):
        return ()
    values = {"priority": event.payload.get("priority"), "element": event.payload.get("element")}
    opening = WantedAct("incidents.open", {"card": card}, "automation.alarm_to_incident.stands", values)
    incident = _find_incident(past)
    if incident is None:
        return (opening,)
    source = {"id": incident, "kind": "alarm", "source": card}
    return (WantedAct("incidents.add_source", source, "automation.alarm_to_incident.back", values, opening),)


def _find_incident(past: tuple[Past, ...]) -> str | None:
    """The incident that this thread opened last, or last came back to."""
    for decision in past:
        for done in decision.performed:
            if done.refused is None:
                known = done.act.payload.get("id") or (done.result or {}).get("id")
                if known is not None:
                    return str(known)
    return None


RULE = Rule(
    card=CARD,
    keys=CARD.reads,
    decide=decide,
    stands_s=STANDS_S,
    ended_by=("card.cleared", "card.closed"),
    thread=name_thread,
    remembers_s=COMES_BACK_S,
)
