"""Alarms as cards, their members, shelving, silences and figures."""

from litestar.handlers import BaseRouteHandler

from ondijon.apps.console.parts.alarms.routes import ROUTES as _ROUTES

ROUTES: list[BaseRouteHandler] = [*_ROUTES]
