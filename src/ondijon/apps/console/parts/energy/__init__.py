"""Savings proved by meters, by commune and year."""

from ondijon.apps.console.parts.energy.routes import ROUTES

__all__ = ["ROUTES"]
