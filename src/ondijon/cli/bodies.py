"""The bodies of the roles: each runs on its engines until cancelled."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import asdict
from urllib.parse import urlsplit

import msgspec

from ondijon.apps.console.app import build_console
from ondijon.apps.console.shapes import DemoAccount
from ondijon.cli.engines import Engines
from ondijon.cli.field_plan import factory_programme, make_field_plan
from ondijon.cli.places import PostCard, city_folder
from ondijon.cli.prepare import DemoPassword
from ondijon.drivers.mqtt.connection import Broker, MqttDriver
from ondijon.drivers.mqtt.manifest import DRIVER_KEY
from ondijon.infra.clocks import SystemClock
from ondijon.infra.nats.auth_callout import AuthCallout
from ondijon.infra.nats.refusals import Refusal
from ondijon.runtime.core_role import CoreRole
from ondijon.runtime.field_role import REFUSED_SUBJECT, FieldRole, load_cursor
from ondijon.runtime.gateway_credentials import GatewayCredentials
from ondijon.runtime.post import CommandPost
from ondijon.runtime.rights_table import read_rights
from ondijon.runtime.state_keeper import restore_columns
from ondijon.simulator.field.plan import FieldOptions
from ondijon.simulator.field.run import run_field
from ondijon.web.server import serve

REVOKED_SUBJECT = "ondijon.gateway.revoked"
FIELD_SEED = 21231
Ready = Callable[[], None]


async def run_core(engines: Engines, ready: Ready) -> None:
    """Sign-ins of gateways, and what must happen once."""
    credentials = GatewayCredentials(engines.rows, engines.clock)
    loop = asyncio.get_running_loop()

    def tell(refusal: Refusal) -> None:
        loop.create_task(engines.bus.publish(REFUSED_SUBJECT, msgspec.json.encode(asdict(refusal))))

    async with AsyncExitStack() as stack:
        if engines.card.callout is not None:
            callout_url, system_url, seed = engines.card.callout
            # The broker checks tokens against the real time, whatever hour the demonstration plays.
            callout = AuthCallout(callout_url, system_url, seed, credentials.find, clock=SystemClock(), on_refusal=tell)
            await callout.start()
            stack.push_async_callback(callout.stop)

            async def on_revoked(subject: str, payload: bytes) -> None:
                await callout.kick(payload.decode())

            await engines.bus.subscribe(REVOKED_SUBJECT, on_revoked)
        role = CoreRole(engines.city, engines.rows, engines.bus, engines.clock, engines.ids)
        ready()
        await role.run(f"core-{os.getpid()}")


async def run_gateway(engines: Engines, ready: Ready) -> None:
    """The MQTT driver and the field role behind it."""
    cursor = await load_cursor(engines.rows, DRIVER_KEY)
    driver = MqttDriver(engines.city, engines.clock, broker_of(engines.card, "gateway"), cursor)
    role = FieldRole(engines.city, engines.rows, engines.bus, engines.clock, engines.ids, driver)
    await role.start()
    ready()
    await role.run()


def broker_of(card: PostCard, role: str) -> Broker:
    """The broker as one of the post's own users."""
    parts = urlsplit(card.mqtt_url[role])
    return Broker(parts.hostname or "127.0.0.1", parts.port or 1883, f"post-{role}", parts.username, parts.password)


async def run_simulator(engines: Engines, ready: Ready) -> None:
    """The synthetic field, which knows the post only by MQTT."""
    broker = broker_of(engines.card, "simulator")
    plan = make_field_plan(engines.city, engines.home, factory_programme(engines.card.city))
    options = FieldOptions(control_user=broker.username, control_secret=broker.password or "")
    ready()
    await run_field(
        plan,
        mqtt_host=broker.host,
        mqtt_port=broker.port,
        clock=engines.clock,
        seed=FIELD_SEED,
        state_folder=engines.home / "field",
        truth_file=engines.home / "field" / "truth.jsonl",
        options=options,
    )


async def run_web(engines: Engines, ready: Ready) -> None:
    """The console over its own copy of the columns."""
    post = CommandPost(engines.city, engines.rows, engines.bus, engines.clock, engines.ids)
    app = build_console(
        city=engines.city,
        rows=engines.rows,
        bus=engines.bus,
        post=post,
        clock=engines.clock,
        ids=engines.ids,
        strings=_with_roles(engines),
        roles_expected=("core", "gateway", "web"),
        demo_accounts=_demo_accounts(engines),
    )
    await restore_columns(engines.city, engines.rows)
    serving = asyncio.create_task(serve(app, "127.0.0.1", engines.card.http_port))
    ready()
    await serving


def _with_roles(engines: Engines) -> dict[str, dict[str, str]]:
    """The catalogues with the labels of the city's own roles."""
    roles = read_rights(city_folder(engines.card.city) / "rights.toml").roles
    labels = {"fr": {f"role.{key}": role.fr for key, role in roles.items()}}
    labels["en"] = {f"role.{key}": role.en for key, role in roles.items()}
    return {language: {**words, **labels[language]} for language, words in engines.catalogues.items()}


def _demo_accounts(engines: Engines) -> list[DemoAccount]:
    path = engines.home / "demo-accounts.json"
    if not path.exists():
        return []
    made = msgspec.json.decode(path.read_bytes(), type=list[DemoPassword])
    return [DemoAccount(one.username, one.password, f"{one.name}, {one.label['fr']}") for one in made]


BODIES: dict[str, Callable[[Engines, Ready], Coroutine[None, None, None]]] = {
    "core": run_core,
    "gateway": run_gateway,
    "web": run_web,
    "simulator": run_simulator,
}
