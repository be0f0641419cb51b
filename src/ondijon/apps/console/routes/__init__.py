"""The console's routes, by what they are about."""

from ondijon.apps.console.routes import alarms, commands, dead_letters, live, place, screens, session, twins

ROUTES = [
    *session.ROUTES,
    *place.ROUTES,
    *twins.ROUTES,
    *commands.ROUTES,
    *alarms.ROUTES,
    *dead_letters.ROUTES,
    *live.ROUTES,
]
SCREEN_ROUTES = screens.ROUTES
