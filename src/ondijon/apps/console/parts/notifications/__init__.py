"""What the room tells one person."""

from litestar.handlers import BaseRouteHandler

ROUTES: list[BaseRouteHandler] = []
