"""The logbook, its search and its exports."""

from ondijon.apps.console.parts.logbook.routes import ROUTES

__all__ = ["ROUTES"]
