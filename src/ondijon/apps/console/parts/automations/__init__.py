"""The register of automations and their decisions."""

from litestar.handlers import BaseRouteHandler

ROUTES: list[BaseRouteHandler] = []
