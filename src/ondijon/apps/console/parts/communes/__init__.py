"""What the room did on the ground of a commune."""

from litestar.handlers import BaseRouteHandler

ROUTES: list[BaseRouteHandler] = []
