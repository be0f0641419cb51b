"""Incidents, their files and their reports."""

from litestar.handlers import BaseRouteHandler

from ondijon.apps.console.parts.incidents import routes

ROUTES: list[BaseRouteHandler] = [*routes.ROUTES]
