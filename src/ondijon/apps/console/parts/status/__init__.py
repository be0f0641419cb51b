"""The health of the post itself: a page for people, and the same figures for a collector of metrics."""

from ondijon.apps.console.parts.status.routes import METRICS_ROUTES, ROUTES

__all__ = ["METRICS_ROUTES", "ROUTES"]
