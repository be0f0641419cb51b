"""The logbook, its search and its exports."""

from litestar.handlers import BaseRouteHandler

ROUTES: list[BaseRouteHandler] = []
