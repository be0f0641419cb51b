"""Everybody who walks the matrix: the roles of a city's own table, each on one commune, and those without any right."""

from pathlib import Path

import ondijon
from ondijon.kernel.identity import EVERY, Grant
from ondijon.runtime.rights_table import read_rights
from ondijon.testing.builders import COMMUNES

OWN, OTHER = COMMUNES[0], COMMUNES[1]
TABLE = read_rights(Path(ondijon.__file__).parent / "cities/dijon/rights.toml")
# One trade only, of two that are at home here.
NARROW = "engineer_of_lamps"
# Holds every right everywhere, and makes what the others walk over.
MAKER = "maker"
# Has an account and no grant at all.
STRANGER = "stranger"
NOBODY, ENDED, LOCKED = "nobody", "ended", "locked"


def people() -> dict[str, tuple[Grant, ...]]:
    """Name to grants: each role of the table on one commune and every trade."""
    verbs = tuple(dict.fromkeys(verb for role in TABLE.roles.values() for verb in role.verbs))
    walkers = {key: (Grant(key, (OWN,), (EVERY,), role.verbs),) for key, role in TABLE.roles.items()}
    narrow = Grant("engineer", (OWN,), ("lamps",), TABLE.roles["engineer"].verbs)
    maker = Grant("maker", (EVERY,), (EVERY,), verbs)
    return {MAKER: (maker,), **walkers, NARROW: (narrow,), STRANGER: ()}


WALKERS = (*TABLE.roles, NARROW, STRANGER)
OUTSIDE = (NOBODY, ENDED, LOCKED)
