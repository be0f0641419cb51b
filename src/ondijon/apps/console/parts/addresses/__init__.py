"""Addresses as people say them."""

from ondijon.apps.console.parts.addresses.routes import ROUTES

__all__ = ["ROUTES"]
