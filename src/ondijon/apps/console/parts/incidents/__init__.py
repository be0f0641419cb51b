"""Incidents, their files and their reports."""

from litestar.handlers import BaseRouteHandler

from ondijon.apps.console.parts.incidents import files, report, routes

ROUTES: list[BaseRouteHandler] = [*routes.ROUTES, *files.ROUTES, *report.ROUTES]
