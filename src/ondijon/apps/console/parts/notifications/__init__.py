"""What a person is told, read or not, and where else."""

from ondijon.apps.console.parts.notifications.routes import ROUTES

__all__ = ["ROUTES"]
