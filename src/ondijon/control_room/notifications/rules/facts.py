"""Which facts, and what time has brought, somebody should know."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ondijon.control_room.notifications.model import Draft
from ondijon.kernel.events import Event
from ondijon.kernel.i18n import Catalogue, say
from ondijon.kernel.identity import Verb

APPROVAL_AFTER = timedelta(minutes=5)
FOLLOWED = (
    "incident.mentioned",
    "incident.assigned",
    "incident.breached_",
    "identity.glass_broken",
    "call.promise_broken",
)
Values = dict[str, str | int | float]
# Where the console shows a subject; what is not here opens the console as it is.
_ADDRESSES = {"incident": "#/incidents/", "card": "#/alarms/", "call": "#/calls/"}


def decide_draft(event: Event, commune_names: Mapping[str, str]) -> Draft | None:
    """What is to be told of a fact; None when nobody need know."""
    place = commune_names.get(event.commune or "", "")
    subject, trade = event.subject or "", event.trade or ""
    if event.key == "identity.glass_broken":
        values: Values = {"minutes": int(event.payload["minutes"])}
        return Draft(event.key, subject, trade, None, values, urgent=True, verb="audit", by=event.actor)
    if event.key == "call.promise_broken":
        return _draft_of_promise(event, place)
    about: Values = {"number": event.payload["number"], "what": event.payload["what"], "place": place}
    people = tuple(UUID(person) for person in event.payload.get("people", ()))
    if event.key in ("incident.mentioned", "incident.assigned"):
        return Draft(event.key, subject, trade, event.commune, about, people=people, by=event.actor)
    if event.key.startswith("incident.breached_"):
        about["minutes"] = int(event.payload["limit_min"])
        return Draft(event.key, subject, trade, event.commune, about, urgent=True, people=people, verb="handle")
    return None


def _draft_of_promise(event: Event, place: str) -> Draft:
    """Told to who took the call, or to everybody who answers where nobody did."""
    values: Values = {"number": int(event.payload["call_no"]), "place": place}
    people = tuple(UUID(person) for person in event.payload["people"])
    verb: Verb | None = None if people else "answer"
    return Draft(event.key, event.subject or "", event.trade or "", event.commune, values, people=people, verb=verb)


def draft_of_card(card: Mapping[str, Any], now: datetime, commune_names: Mapping[str, str]) -> Draft:
    """A card of priority 1 that nobody has acknowledged in time; `type` is the alarm's, `element` its label."""
    communes = tuple(card["communes"])
    trade, _, name = str(card["type"]).partition(".")
    values: Values = {
        "what": f"{trade}.alarm.{name}",
        "element": card["element"],
        "place": ", ".join(commune_names.get(insee, insee) for insee in communes[:3]),
        "minutes": int((now - card["raised_at"]).total_seconds() // 60),
    }
    subject = f"card:{card['id']}"
    commune = communes[0] if len(communes) == 1 else None
    return Draft(
        "card.unacknowledged", subject, card["trade"], commune, values, urgent=True, verb="acknowledge",
        communes=communes, cause=f"card.unacknowledged:{card['id']}",
    )  # fmt: skip


def draft_of_command(command: Mapping[str, Any], now: datetime, commune_names: Mapping[str, str]) -> Draft:
    """An order that waits for a second person."""
    communes = tuple(command["communes"])
    trade, _, name = str(command["key"]).partition(".")
    values: Values = {
        "what": f"{trade}.command.{name}",
        "place": ", ".join(commune_names.get(insee, insee) for insee in communes[:3]),
        "minutes": int((now - command["requested_at"]).total_seconds() // 60),
    }
    return Draft(
        "command.awaiting_approval", f"command:{command['id']}", command["trade"],
        communes[0] if len(communes) == 1 else None, values, urgent=True, verb="approve", communes=communes,
        everywhere=True, by=command["issuer"], cause=f"command.awaiting_approval:{command['id']}",
    )  # fmt: skip


def write_title(key: str, values: Values, catalogue: Catalogue) -> str:
    """The sentence of a notice; values that are catalogue keys are put into words first."""
    worded = {name: catalogue.get(value, value) if isinstance(value, str) else value for name, value in values.items()}
    return say(catalogue, f"notification.{key}", worded)


def address_of(subject: str) -> str:
    """The end of the link to what a notice is about, below the console's own address."""
    part, _, rest = subject.partition(":")
    return _ADDRESSES[part] + rest if part in _ADDRESSES else ""
