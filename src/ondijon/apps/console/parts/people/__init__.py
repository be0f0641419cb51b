"""Rights, sessions and ways to sign in."""

from litestar.handlers import BaseRouteHandler

ROUTES: list[BaseRouteHandler] = []
