"""The web role over its engines."""

import asyncio
import time

import msgspec

from ondijon.apps.console.app import build_console, build_house
from ondijon.apps.console.shapes import DemoAccount
from ondijon.cli.archive import open_lake
from ondijon.cli.bodies import Ready
from ondijon.cli.engines import Engines
from ondijon.cli.places import DemoPassword, city_folder, metrics_token
from ondijon.infra.archive.history import HistoryOverBoth
from ondijon.infra.clocks import SystemClock
from ondijon.runtime.post import CommandPost
from ondijon.runtime.rights_table import read_rights
from ondijon.runtime.room_desk import RoomNews
from ondijon.runtime.room_door import ROOM_SUBJECT, RoomDoor
from ondijon.runtime.state_keeper import restore_columns
from ondijon.web.oidc import OidcDoor, Provider, read_settings
from ondijon.web.people import People
from ondijon.web.server import serve
from ondijon.web.signing import SealingKey
from ondijon.web.throttle import TRIES_BY_ADDRESS, Throttle

# Its many routes need no engines: they are built while those start.
_HOUSE = build_house()
_RENEWED = msgspec.json.encode(RoomNews("city", "twins", None, None))


async def run(engines: Engines, ready: Ready) -> None:
    """The console over its own copy of the columns."""
    post = CommandPost(engines.city, engines.rows, engines.bus, engines.clock, engines.ids)
    people = _people(engines)
    app = build_console(
        city=engines.city,
        rows=engines.rows,
        bus=engines.bus,
        post=post,
        door=RoomDoor(
            engines.city,
            engines.rows,
            engines.bus,
            engines.clock,
            engines.ids,
            engines.parts,
            engines.catalogues,
        ),
        room_trades=[trade for part in engines.parts for trade in part.trades],
        people=people,
        clock=engines.clock,
        ids=engines.ids,
        history=HistoryOverBoth(engines.rows, open_lake(engines.home)),
        strings=_with_roles(engines),
        roles_expected=("core", "gateway", "web"),
        demo_accounts=_demo_accounts(engines),
        house=_HOUSE,
    )
    app.state.logbook_key = SealingKey(engines.home / "logbook.key")
    app.state.metrics_token = metrics_token(engines.home)
    engines.figures["sockets"] = lambda: app.state.hub.sockets
    engines.on_renewed.append(lambda: engines.bus.publish(ROOM_SUBJECT, _RENEWED))
    await restore_columns(engines.city, engines.rows)
    serving = asyncio.create_task(serve(app, engines.card.http_address, engines.card.http_port))
    ready()
    try:
        await serving
    finally:
        if people.oidc is not None:
            await people.oidc.close()


def _with_roles(engines: Engines) -> dict[str, dict[str, str]]:
    """The catalogues with the labels of the city's own roles."""
    roles = read_rights(city_folder(engines.card.city) / "rights.toml").roles
    labels = {"fr": {f"role.{key}": role.fr for key, role in roles.items()}}
    labels["en"] = {f"role.{key}": role.en for key, role in roles.items()}
    return {language: {**words, **labels[language]} for language, words in engines.catalogues.items()}


def _people(engines: Engines) -> People:
    """The city's roles, and its directory when the home is tied to one by `oidc.toml`."""
    roles = read_rights(city_folder(engines.card.city) / "rights.toml").roles
    found = read_settings(engines.home / "oidc.toml", roles)
    if found is None:
        return People(roles)
    settings, secret = found
    # Tokens carry the world's own time, which a demonstration's clock is not.
    door = OidcDoor(
        settings=settings,
        provider=Provider.open(settings, secret),
        rows=engines.rows,
        ids=engines.ids,
        clock=SystemClock(),
        roles=roles,
        throttle=Throttle(time.monotonic, by_pair=TRIES_BY_ADDRESS),
    )
    return People(roles, door)


def _demo_accounts(engines: Engines) -> list[DemoAccount]:
    path = engines.home / "demo-accounts.json"
    if not path.exists():
        return []
    made = msgspec.json.decode(path.read_bytes(), type=list[DemoPassword])
    return [DemoAccount(one.username, one.password, f"{one.name}, {one.label['fr']}") for one in made]
