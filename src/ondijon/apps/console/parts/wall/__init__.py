"""The wall display in numbers."""

from ondijon.apps.console.parts.wall.routes import ROUTES

__all__ = ["ROUTES"]
