"""Real inventories: a city's datasets read by a declarative mapping into communes, streets and twins."""

from ondijon.infra.inventory.assemble import Boundaries, ImportResult, read_boundaries, read_inventory
from ondijon.infra.inventory.rows import BadRow

__all__ = ["BadRow", "Boundaries", "ImportResult", "read_boundaries", "read_inventory"]
