"""Lighting programmes: what is in force, versions, previews, what gateways have stored, why a light is as it is."""

from ondijon.apps.console.parts.programmes.routes import ROUTES

__all__ = ["ROUTES"]
