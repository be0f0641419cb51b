"""The lighting layer of the console: what colours the map, cabinets as trees, lists that leave, re-equipping."""

from ondijon.apps.console.parts.lighting.routes import ROUTES

__all__ = ["ROUTES"]
