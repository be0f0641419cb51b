"""Who is told: by name, by right, and never about what one may not see."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from ondijon.control_room.notifications.model import Draft, Staff, Way
from ondijon.kernel.identity import Verb

# What a person may be sent for a notice that can wait: nobody is woken for it.
CALM_WAYS: tuple[Way, ...] = ("mail", "webhook")
_SHORTEST_NUMBER = 8


def choose_people(draft: Draft, staff: Sequence[Staff], known: tuple[str, ...]) -> list[UUID]:
    """The pseudonyms to tell: those named, or those in the room who hold the right, or else all who hold it."""
    sees = [one for one in staff if one.pseudonym != draft.by and one.may("see", draft.trade, draft.commune, known)]
    if draft.people:
        return [one.pseudonym for one in sees if one.pseudonym in draft.people]
    if draft.verb is None:
        return []
    return _present([one for one in sees if _holds(one, draft.verb, draft, known)])


def choose_leaders(
    staff: Sequence[Staff], trade: str, commune: str | None, told: Iterable[UUID], known: tuple[str, ...]
) -> list[UUID]:
    """Shift leaders not told yet: those who may be the second person there; those in the room first."""
    already = set(told)
    leaders = [
        one for one in staff if one.may("approve", trade, commune, known) and one.may("see", trade, commune, known)
    ]
    return _present([one for one in leaders if one.pseudonym not in already])


def choose_ways(ways: Iterable[Way], urgent: bool) -> list[Way]:
    """Which of a person's ways are used."""
    return [way for way in ways if urgent or way in CALM_WAYS]


def ways_of_contact(phone: str, email: str) -> dict[Way, str]:
    """How somebody of the directory is reached in writing; short numbers take no messages."""
    ways: dict[Way, str] = {}
    if email:
        ways["mail"] = email
    if sum(letter.isdigit() for letter in phone) >= _SHORTEST_NUMBER:
        ways["sms"] = phone
    return ways


def _holds(one: Staff, verb: Verb, draft: Draft, known: tuple[str, ...]) -> bool:
    held = [one.may(verb, draft.trade, commune, known) for commune in draft.communes or (draft.commune,)]
    return all(held) if draft.everywhere else any(held)


def _present(people: Sequence[Staff]) -> list[UUID]:
    return [one.pseudonym for one in people if one.here] or [one.pseudonym for one in people]
