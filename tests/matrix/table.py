"""How an expectation is written: a line a route or an act, and what follows from it for each person."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ondijon.kernel.identity import EVERY, Grant, Verb
from tests.matrix.people import ENDED, LOCKED, NOBODY
from tests.matrix.stage import ANY, Thing, Where

# open: anybody, signed in or not; mine: whoever has signed in; list: the same, and `needs` somewhere for its content
# to exist at all; thing: one thing, which must be seen, and `needs` held where it is.
Kind = Literal["open", "mine", "list", "thing"]
EVERYWHERE: tuple[Where, ...] = ("own", "other", "none")


@dataclass(frozen=True)
class Line:
    """One route or act; `{id}` and the thing's other words are put into path and payload."""

    name: str
    kind: Kind
    path: str
    about: str = "anything"
    needs: Verb = "see"
    body: Any = None
    # What a person gets who may: several where the thing's own state has a say too.
    allowed: frozenset[int] = frozenset({200})
    where: tuple[Where, ...] = EVERYWHERE
    # Answers of a locked session too; uses up the session; makes its thing afresh for each person.
    locked_too: bool = False
    spends: bool = False
    fresh: bool = False
    sends_file: bool = False
    # Asks for the verb anywhere in the trade before it looks for the things.
    asks_first: bool = False

    @property
    def method(self) -> str:
        return self.name.partition(" ")[0] if " " in self.name else "POST"


def may(grants: tuple[Grant, ...], verb: Verb, thing: Thing) -> bool:
    """Whether some grant gives the verb where the thing is; what is ANY of a thing is somewhere in every grant."""
    return any(
        verb in grant.verbs
        and grant.communes
        and (thing.trade == ANY or EVERY in grant.trades or thing.trade in grant.trades)
        and (thing.commune == ANY or EVERY in grant.communes or thing.commune in grant.communes)
        for grant in grants
    )


def expected(line: Line, who: str, grants: tuple[Grant, ...], thing: Thing, where: Where) -> frozenset[int]:
    """The statuses that this person may get."""
    if line.kind == "open":
        return line.allowed
    if who in (NOBODY, ENDED):
        return frozenset({401})
    if who == LOCKED:
        return line.allowed if line.locked_too else frozenset({423})
    if line.kind == "mine":
        return line.allowed
    if line.kind == "list":
        return line.allowed if line.needs == "see" or may(grants, line.needs, thing) else frozenset({403})
    anywhere = replace(thing, commune=ANY)
    if line.asks_first and may(grants, "see", anywhere) and not may(grants, line.needs, anywhere):
        return frozenset({403})
    if where == "none" or not may(grants, "see", thing):
        return frozenset({404})
    return line.allowed if may(grants, line.needs, thing) else frozenset({403})


def fill(template: Any, words: Mapping[str, Any]) -> Any:
    """The template with the thing's words in it; a whole `{word}` keeps its type."""
    if isinstance(template, dict):
        return {key: fill(value, words) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, words) for value in template]
    if not isinstance(template, str):
        return template
    if template.startswith("{") and template.endswith("}") and template[1:-1] in words:
        return words[template[1:-1]]
    for key, value in words.items():
        template = template.replace(f"{{{key}}}", str(value))
    return template


@dataclass
class Findings:
    """What was not as expected, and which lines were done at least once."""

    wrong: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    requests: int = 0
