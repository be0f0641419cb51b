"""The core role over its engines."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime

import msgspec

from ondijon.cli.archive import archive_jobs
from ondijon.cli.audit_record import find_check
from ondijon.cli.backup_watch import watch_backups
from ondijon.cli.bodies import Ready
from ondijon.cli.engines import REVOKED_SUBJECT, Engines
from ondijon.cli.messengers import make_messengers, read_messengers
from ondijon.cli.places import city_folder
from ondijon.cli.seeds import sow_seeds
from ondijon.control_room.notifications.desk.courier import Courier
from ondijon.drivers.mqtt.protocol.topics import ALL_SHARES, ALL_UP
from ondijon.infra.clocks import SystemClock
from ondijon.infra.heads_file import HeadsFile
from ondijon.infra.nats.auth_callout import AuthCallout
from ondijon.infra.nats.backlog import BrokerBacklog
from ondijon.infra.nats.refusals import Refusal
from ondijon.kernel.health import AuditHealth
from ondijon.runtime.annunciator import Annunciator
from ondijon.runtime.audit_log import is_append_only
from ondijon.runtime.audit_witness import AuditWitness
from ondijon.runtime.automation_runner import AutomationRunner
from ondijon.runtime.automations import Automations, load_automations
from ondijon.runtime.core_role import CoreRole
from ondijon.runtime.field_role import REFUSED_SUBJECT
from ondijon.runtime.gateway_credentials import GatewayCredentials
from ondijon.runtime.post import CommandPost
from ondijon.runtime.scheduler import run_jobs
from ondijon.runtime.steering import SteeringRunner


async def run(engines: Engines, ready: Ready) -> None:
    """Sign-ins of gateways, and what must happen once."""
    async with AsyncExitStack() as stack:
        if engines.card.callout is not None:
            await stack.enter_async_context(_callout(engines, *engines.card.callout))
        automations = load_automations(engines.catalogues)
        runner = AutomationRunner(automations.rules, engines.catalogues)
        role = CoreRole(
            engines.city,
            engines.rows,
            engines.bus,
            engines.clock,
            engines.ids,
            (*engines.parts, runner.part),
            words=engines.catalogues,
        )
        runner.door = role.door
        await sow_seeds(role.door, engines.parts, city_folder(engines.card.city))
        settings = read_messengers(engines.home)
        courier = Courier(engines.rows, engines.clock, make_messengers(settings), settings.link)
        annunciator = Annunciator(
            engines.city, engines.rows, engines.bus, engines.clock, engines.ids, automations.make_grouper
        )
        witness = await _witness(engines)
        await role.start()
        await annunciator.start()
        ready()
        owner = f"core-{os.getpid()}"
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(role.run(owner))
            # Apart from the others, which must not wait for a day on its way to a file.
            tasks.create_task(run_jobs(engines.rows, engines.clock, archive_jobs(engines, role.door), owner))
            tasks.create_task(annunciator.run())
            tasks.create_task(courier.run())
            tasks.create_task(witness.run())
            tasks.create_task(watch_backups(engines))
            tasks.create_task(_watch_backlog(engines))
            tasks.create_task(_steer(engines, automations).run())


@asynccontextmanager
async def _callout(engines: Engines, callout_url: str, system_url: str, seed: str) -> AsyncIterator[None]:
    """The broker asks here whom it may let in, for as long as the block lasts."""
    credentials = GatewayCredentials(engines.rows, engines.clock)
    loop = asyncio.get_running_loop()

    def tell(refusal: Refusal) -> None:
        loop.create_task(engines.bus.publish(REFUSED_SUBJECT, msgspec.json.encode(asdict(refusal))))

    # The broker checks tokens against the real time, whatever hour the demonstration plays.
    callout = AuthCallout(callout_url, system_url, seed, credentials.find, clock=SystemClock(), on_refusal=tell)
    await callout.start()

    async def on_revoked(subject: str, payload: bytes) -> None:
        await callout.kick(payload.decode())

    await engines.bus.subscribe(REVOKED_SUBJECT, on_revoked)
    try:
        yield
    finally:
        await callout.stop()


async def _witness(engines: Engines) -> AuditWitness:
    """Who writes the audit log's heads apart; how well that protects it goes out with the heartbeat."""
    heads = HeadsFile(engines.home)
    heads.make_folder()
    witness = AuditWitness(engines.rows, engines.clock, heads.append)
    may_only_add = await is_append_only(engines.rows)

    def health() -> AuditHealth:
        check = find_check(engines.home)
        verified_age_s = None if check is None else round((datetime.now(UTC) - check.at).total_seconds(), 1)
        finding = None if check is None else check.finding
        return AuditHealth(witness.age_s(), may_only_add and heads.is_apart, verified_age_s, finding)

    engines.figures.update(audit_head_age_s=witness.age_s, audit_protected=lambda: may_only_add and heads.is_apart)
    engines.details["audit"] = health
    return witness


async def _watch_backlog(engines: Engines) -> None:
    """Ask the broker how far behind the field the post is, and tell it with the heartbeat."""
    subjects = [topics.removesuffix("#").replace("/", ".") for topics in (ALL_UP, ALL_SHARES)]
    backlog = BrokerBacklog(engines.bus, subjects)
    engines.details["backlog"] = lambda: backlog.last
    engines.figures["behind_s"] = lambda: None if backlog.last is None else backlog.last.behind_s
    await backlog.run()


def _steer(engines: Engines, automations: Automations) -> SteeringRunner:
    """What steers, over every ground that a trade brings."""
    return SteeringRunner(
        engines.city,
        engines.rows,
        engines.bus,
        engines.clock,
        CommandPost(engines.city, engines.rows, engines.bus, engines.clock, engines.ids),
        automations.steerings,
        [ground for part in engines.parts for ground in part.grounds],
        engines.catalogues,
    )
