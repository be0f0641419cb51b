"""Commands that speak to a running post: the simulator's faults, gateways' credentials, single twins."""

import argparse
import secrets

import msgspec

from ondijon.cli.engines import CITY_SUBJECT, REVOKED_SUBJECT
from ondijon.cli.places import home_of, read_card
from ondijon.infra.nats.bus import NatsBus
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.errors import Refused
from ondijon.kernel.identity import THE_POST
from ondijon.kernel.ids import twin_id
from ondijon.kernel.inventory import TwinRecord
from ondijon.runtime.city_store import add_twins
from ondijon.runtime.gateway_credentials import GatewayCredentials
from ondijon.simulator.field.orders import read_order

# The MQTT topic sim/1/control as the broker's own subject.
SIM_SUBJECT = "sim.1.control"
SIM_FIELDS = (
    "kind",
    "device",
    "gateway",
    "count",
    "within_s",
    "for_s",
    "every_s",
    "scattered",
    "by_feeder",
    "feeder",
    "uplink",
    "amount",
)


async def run_sim_order(options: argparse.Namespace) -> None:
    """Send one order to the simulator, checked here first."""
    order = {"order": options.act, **{key: getattr(options, key) for key in SIM_FIELDS}}
    payload = msgspec.json.encode({key: value for key, value in order.items() if value is not None})
    read_order(payload)
    card = read_card(home_of(options.city, options.home))
    async with await NatsBus.open(card.bus_url["supervisor"], "ondijon-sim") as bus:
        await bus.publish(SIM_SUBJECT, payload)


async def run_gateway_order(options: argparse.Namespace) -> None:
    """Add a credential (its secret is printed once) or revoke one (its connection is closed)."""
    card = read_card(home_of(options.city, options.home))
    async with await PostgresRows.open(card.database_url, connections=1) as rows:
        credentials = GatewayCredentials(rows, card.clock())
        if options.act == "add":
            secret = secrets.token_hex(32)
            await credentials.add(THE_POST, options.gateway, secret)
            print(secret)
            return
        await credentials.revoke(THE_POST, options.gateway)
    async with await NatsBus.open(card.bus_url["supervisor"], "ondijon-gateway") as bus:
        await bus.publish(REVOKED_SUBJECT, options.gateway.encode())


async def run_twin_order(options: argparse.Namespace) -> None:
    """Add one object; roles load the city again."""
    try:
        lon, lat = (float(part) for part in options.position.split(","))
    except ValueError as error:
        raise Refused("error.bad_position", position=options.position) from error
    card = read_card(home_of(options.city, options.home))
    record = TwinRecord(
        twin_id(options.type, options.commune, options.local_id),
        options.type,
        options.commune,
        options.name or options.local_id,
        (lon, lat),
        gateway=options.of_gateway or options.local_id,
        device=options.local_id,
    )
    async with await PostgresRows.open(card.database_url, connections=1) as rows:
        await add_twins(rows, card.clock(), [record])
    async with await NatsBus.open(card.bus_url["supervisor"], "ondijon-twin") as bus:
        await bus.publish(CITY_SUBJECT, b"")
    print(record.id)
