"""The algorithm register: every rule's card, and what it decided last."""

from ondijon.apps.console.parts.automations.routes import ROUTES

__all__ = ["ROUTES"]
