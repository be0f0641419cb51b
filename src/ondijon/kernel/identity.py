"""Who may do what, where: roles x communes x trades."""

from typing import Literal
from uuid import UUID

from msgspec import Struct

from ondijon.kernel.errors import NotAllowed

Verb = Literal[
    "see",  # what stands and happens
    "command",  # ask the field for acts
    "approve",  # be the second person
    "acknowledge",  # take note of alarms, take them apart
    "shelve",  # put alarms aside for a while
    "handle",  # open incidents and work on them
    "answer",  # take calls, and know who called
    "log",  # write in the logbook
    "export",  # take lists, logs and files out of the room
    "audit",  # read who did what
    "configure",  # works, out of service, the directory
]
EVERY = "*"


# What the broken glass gives, everywhere and in every trade, for minutes.
GLASS_ROLE = "broken_glass"
GLASS_VERBS: tuple[Verb, ...] = (
    "see", "command", "approve", "acknowledge", "shelve", "handle", "answer", "log", "export",
)  # fmt: skip
IDLE_LOCK_MIN = 15


class Role(Struct, frozen=True):
    """A role of the city's rights table: its label by language and its verbs.

    idle_lock_min: minutes without input after which its sessions lock; 0 = never (a wall has no keyboard).
    """

    fr: str
    en: str
    verbs: tuple[Verb, ...]
    idle_lock_min: int = IDLE_LOCK_MIN


class Grant(Struct, frozen=True):
    """A role held on some communes and some trades (`*` = every one), with the verbs the city's table gives it."""

    role: str
    communes: tuple[str, ...]
    trades: tuple[str, ...]
    verbs: tuple[Verb, ...]

    def allows(self, verb: Verb, trade: str, commune: str) -> bool:
        return (
            verb in self.verbs
            and (EVERY in self.trades or trade in self.trades)
            and (EVERY in self.communes or commune in self.communes)
        )


class Actor(Struct, frozen=True):
    """Somebody (or an automation) who asks; the audit log knows the pseudonym only."""

    user_id: UUID
    pseudonym: UUID
    name: str
    username: str
    grants: tuple[Grant, ...]

    def may(self, verb: Verb, trade: str, commune: str) -> bool:
        return any(grant.allows(verb, trade, commune) for grant in self.grants)

    def communes_for(self, verb: Verb, trade: str, communes: tuple[str, ...]) -> frozenset[str]:
        """The communes of the city where this actor may do `verb` in `trade`."""
        return frozenset(insee for insee in communes if self.may(verb, trade, insee))


THE_POST = Actor(
    user_id=UUID(int=0),
    pseudonym=UUID(int=0),
    name="post.automation",
    username="post",
    grants=(
        Grant("automation", (EVERY,), (EVERY,), ("see", "command", "acknowledge", "shelve", "handle", "answer", "log")),
    ),
)


def require(actor: Actor, verb: Verb, trade: str, commune: str) -> None:
    """Raise NotAllowed unless the actor may."""
    if not actor.may(verb, trade, commune):
        raise NotAllowed("error.not_allowed", verb=verb, trade=trade, commune=commune)
