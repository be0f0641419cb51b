"""Who can be reached, by hour and commune."""

from litestar.handlers import BaseRouteHandler

ROUTES: list[BaseRouteHandler] = []
