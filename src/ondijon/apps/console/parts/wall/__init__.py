"""The wall display in numbers."""

from litestar.handlers import BaseRouteHandler

ROUTES: list[BaseRouteHandler] = []
