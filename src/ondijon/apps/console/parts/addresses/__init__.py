"""Addresses as people say them."""

from litestar.handlers import BaseRouteHandler

ROUTES: list[BaseRouteHandler] = []
