"""Alarms as cards, their members, shelving, silences and figures."""

from litestar.handlers import BaseRouteHandler

ROUTES: list[BaseRouteHandler] = []
