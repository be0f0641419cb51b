"""The cards of the automations that are installed; the core role has checked them before it ran any."""

import pkgutil
from importlib import import_module

from msgspec import Struct

from ondijon import automations
from ondijon.kernel.automation import Card
from ondijon.kernel.errors import NotFound


class Registered(Struct, frozen=True):
    """A card, and whether it is a rule (its decisions are kept) or groups alarms (its decisions are alarm cards)."""

    card: Card
    groups: bool


def list_registered() -> list[Registered]:
    """Every automation, in order of its name."""
    names = sorted(found.name for found in pkgutil.iter_modules(automations.__path__) if found.name != "tests")
    modules = [import_module(f"{automations.__name__}.{name}") for name in names]
    return [Registered(module.CARD, hasattr(module, "make_grouper")) for module in modules]


def get_registered(key: str) -> Registered:
    """One automation; raises NotFound."""
    for one in list_registered():
        if one.card.key == key:
            return one
    raise NotFound("error.automation_not_found", key=key[:64])
