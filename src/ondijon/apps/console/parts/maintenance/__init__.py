"""Upkeep of lights: what they are, how long they last, what to renew first, and work orders."""

from ondijon.apps.console.parts.maintenance.orders import ROUTES as ORDERS
from ondijon.apps.console.parts.maintenance.routes import ROUTES as STATE

ROUTES = [*ORDERS, *STATE]

__all__ = ["ROUTES"]
