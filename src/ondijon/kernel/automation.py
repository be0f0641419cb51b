"""An automation is a rule that crosses trades: a public card and one pure function; without a card it does not load."""

from collections.abc import Callable
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
    """An act that a rule wants performed, and why (catalogue key and values)."""

    key: str
    payload: dict[str, Any]
    because: str
    values: dict[str, Any] = {}


class Rule(Struct, frozen=True, eq=False):
    """A rule over facts: for each event whose key begins with one of `keys`, the acts it wants (mostly none)."""

    card: Card
    keys: tuple[str, ...]
    decide: Callable[[Event], tuple[WantedAct, ...]]
