"""Calls: the cards, the queue and its figures, and the door of the telephone system."""

from ondijon.apps.console.parts.calls.routes import ROUTES

__all__ = ["ROUTES"]
