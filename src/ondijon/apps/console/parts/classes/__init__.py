"""Lighting classes, floors, policies and adaptive light, as the console reads them."""

from ondijon.apps.console.parts.classes.routes import ROUTES

__all__ = ["ROUTES"]
