"""The console's routes, by what they are about."""

from ondijon.apps.console.parts import (
    addresses,
    automations,
    calls,
    classes,
    communes,
    directory,
    energy,
    incidents,
    lighting,
    logbook,
    maintenance,
    notifications,
    people,
    programmes,
    status,
    wall,
)
from ondijon.apps.console.parts.alarms import routes as alarms
from ondijon.apps.console.routes import acts, commands, dead_letters, live, place, screens, session, twins

ROUTES = [
    *session.ROUTES,
    *place.ROUTES,
    *twins.ROUTES,
    *commands.ROUTES,
    *acts.ROUTES,
    *dead_letters.ROUTES,
    *live.ROUTES,
    *alarms.ROUTES,
    *incidents.ROUTES,
    *directory.ROUTES,
    *notifications.ROUTES,
    *calls.ROUTES,
    *addresses.ROUTES,
    *logbook.ROUTES,
    *people.ROUTES,
    *automations.ROUTES,
    *wall.ROUTES,
    *status.ROUTES,
    *communes.ROUTES,
    *lighting.ROUTES,
    *programmes.ROUTES,
    *classes.ROUTES,
    *energy.ROUTES,
    *maintenance.ROUTES,
]
SCREEN_ROUTES = [*status.METRICS_ROUTES, *screens.ROUTES]
