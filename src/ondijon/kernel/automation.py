"""An automation is a rule that crosses trades: a public card and one pure function; without a card it does not load."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from msgspec import Struct

from ondijon.kernel.events import Event


class Card(Struct, frozen=True):
    """What the algorithm register says of a rule; texts are catalogue keys `automation.{key}.{field}`, fr and en.

    reads, acts_on: what goes in and what may come out; personal_data: none, or which; since: ISO date; version: counts
    every change of behaviour.
    """

    key: str
    reads: tuple[str, ...]
    acts_on: tuple[str, ...]
    personal_data: tuple[str, ...]
    owner: str
    since: str
    version: int


CARD_TEXTS = ("name", "purpose", "legal_basis", "override", "method")


class WantedAct(Struct, frozen=True):
    """An act that a rule wants performed, and why (catalogue key and values); `otherwise` when it is refused."""

    key: str
    payload: dict[str, Any]
    because: str
    values: dict[str, Any] = {}
    otherwise: "WantedAct | None" = None


class Performed(Struct, frozen=True):
    """What came of a wanted act: the one that was done (or the last refused), its result or the refusal's key."""

    act: WantedAct
    result: dict[str, Any] | None = None
    refused: str | None = None


class Past(Struct, frozen=True):
    """An earlier decision of the same rule on the same thread."""

    at: datetime
    performed: tuple[Performed, ...]


class Rule(Struct, frozen=True, eq=False):
    """A rule over facts: for each event whose key begins with one of `keys`, the acts it wants (mostly none).

    It never hears what automations did: no rule answers itself or another one. With `stands_s` it decides that many
    seconds after the fact, unless one of `ended_by` about the same subject came first. `thread` names what belongs
    together: decide gets this rule's decisions on it of the last `remembers_s` seconds, the latest first.
    """

    card: Card
    keys: tuple[str, ...]
    decide: Callable[[Event, tuple[Past, ...]], tuple[WantedAct, ...]]
    stands_s: float = 0.0
    ended_by: tuple[str, ...] = ()
    thread: Callable[[Event], str] | None = None
    remembers_s: float = 0.0
