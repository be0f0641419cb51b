"""Who can be reached, by hour and commune."""

from ondijon.apps.console.parts.directory.routes import ROUTES

__all__ = ["ROUTES"]
