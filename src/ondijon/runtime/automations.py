"""Loads the automations: each has a public card with all its words, and a rule, a steering or a grouping."""

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import ModuleType

from msgspec import Struct

from ondijon.kernel.automation import CARD_TEXTS, Card, Rule
from ondijon.kernel.errors import Refused
from ondijon.kernel.grouping import MakeGrouper
from ondijon.kernel.i18n import LANGUAGES, Catalogue
from ondijon.kernel.steering import Steering


class Automations(Struct, frozen=True, eq=False):
    """Everything that decides by itself: all cards (the algorithm register), rules, grouping of alarms, steerings."""

    cards: tuple[Card, ...]
    rules: tuple[Rule, ...]
    make_grouper: MakeGrouper | None
    steerings: tuple[Steering, ...] = ()


def load_automations(words: Mapping[str, Catalogue]) -> Automations:
    """Every automation, in order of its file's name; raises Refused when one lacks its card or a word of it."""
    package = import_module("ondijon.automations")
    names = sorted(found.name for found in pkgutil.iter_modules(package.__path__) if found.name != "tests")
    return gather([import_module(f"{package.__name__}.{name}") for name in names], words)


def gather(modules: list[ModuleType], words: Mapping[str, Catalogue]) -> Automations:
    """The automations of these modules; raises Refused when one is not whole, or two groupings want the same."""
    for module in modules:
        problems = list(_problems(module, words))
        if problems:
            name = module.__name__.rpartition(".")[2]
            raise Refused("error.bad_manifest", folder=name, problem="; ".join(problems[:5]))
    groupers: list[MakeGrouper] = [found.make_grouper for found in modules if hasattr(found, "make_grouper")]
    if len(groupers) > 1:
        raise Refused("error.bad_manifest", folder="automations", problem="more than one grouping of alarms")
    return Automations(
        tuple(module.CARD for module in modules),
        tuple(module.RULE for module in modules if hasattr(module, "RULE")),
        groupers[0] if groupers else None,
        tuple(module.STEERING for module in modules if hasattr(module, "STEERING")),
    )


def _problems(module: ModuleType, words: Mapping[str, Catalogue]) -> Iterator[str]:
    card = getattr(module, "CARD", None)
    if not isinstance(card, Card):
        yield "no CARD"
        return
    if card.key != module.__name__.rpartition(".")[2]:
        yield f"its card is {card.key}'s"
    if not any(hasattr(module, name) for name in ("RULE", "STEERING", "make_grouper")):
        yield "neither RULE nor STEERING nor make_grouper"
    for name, kind in (("RULE", Rule), ("STEERING", Steering)):
        found = getattr(module, name, None)
        if found is not None and (not isinstance(found, kind) or found.card is not card):
            yield f"its {name} has another card"
    for language in LANGUAGES:
        for text in CARD_TEXTS:
            if not words[language].get(f"automation.{card.key}.{text}"):
                yield f"no word for automation.{card.key}.{text} ({language})"
