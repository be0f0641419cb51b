"""What the room did on the ground of a commune."""

from ondijon.apps.console.parts.communes.routes import ROUTES

__all__ = ["ROUTES"]
