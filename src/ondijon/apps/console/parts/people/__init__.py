"""Rights, sessions and ways to sign in."""

from ondijon.apps.console.parts.people import oidc_routes, routes

ROUTES = [*routes.ROUTES, *oidc_routes.ROUTES]
