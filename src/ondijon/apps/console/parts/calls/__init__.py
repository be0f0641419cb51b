"""Calls, their queue and who is to be called back."""

from litestar.handlers import BaseRouteHandler

ROUTES: list[BaseRouteHandler] = []
