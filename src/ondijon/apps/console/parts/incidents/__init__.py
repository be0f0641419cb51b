"""Incidents, their files and their reports."""

from litestar.handlers import BaseRouteHandler

ROUTES: list[BaseRouteHandler] = []
