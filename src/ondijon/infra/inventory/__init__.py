"""Real inventories: a city's datasets read by a declarative mapping into communes, streets and twins."""

from ondijon.infra.inventory.assemble import ImportResult, read_inventory
from ondijon.infra.inventory.rows import BadRow

__all__ = ["BadRow", "ImportResult", "read_inventory"]
