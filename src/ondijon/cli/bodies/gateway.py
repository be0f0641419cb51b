"""The gateway role over its engines: the whole field, or its shares of it."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from functools import partial

from ondijon.cli.bodies import Ready
from ondijon.cli.engines import Engines
from ondijon.cli.intake_load import IntakeLoad
from ondijon.drivers.mqtt.connection import Broker, Counters, MqttDriver
from ondijon.drivers.mqtt.manifest import DRIVER_KEY, cursor_key
from ondijon.kernel.errors import EngineAway
from ondijon.kernel.sharing import Share
from ondijon.runtime.field_role import FieldRole, load_cursor, load_shared_cursor
from ondijon.runtime.frame_mirror import mirror_frames
from ondijon.runtime.scoped_bus import ScopedBus
from ondijon.runtime.share_keeper import ShareKeeper, Tenure

log = logging.getLogger(__name__)

AGAIN_S = 0.5
Work = tuple[FieldRole, Counters]
Works = Callable[[], Sequence[Work]]


async def run(engines: Engines, ready: Ready) -> None:
    """The MQTT driver and the field role behind it, for everything or for each share held."""
    if engines.card.shares == 1:
        await _run_whole(engines, ready)
    else:
        await _run_shares(engines, ready)


async def _run_whole(engines: Engines, ready: Ready) -> None:
    broker = Broker(**engines.card.mqtt_sign_in("gateway"), client_id="post-gateway")
    driver = MqttDriver(engines.city, engines.clock, broker, await load_cursor(engines.rows, DRIVER_KEY))
    role = FieldRole(engines.city, engines.rows, engines.bus, engines.clock, engines.ids, driver)
    _tell_figures(engines, lambda: [(role, driver.counters)])
    await role.start()
    ready()
    await role.run()


async def _run_shares(engines: Engines, ready: Ready) -> None:
    """One driver with its own session, and one field role, for each share; all over the same columns."""
    works: dict[int, Work] = {}
    # Rows of other shares are as fresh here as on the screens: rules and conditions may look at them.
    await mirror_frames(engines.city, engines.bus)
    keeper = ShareKeeper(
        engines.rows, engines.card.node, engines.card.shares, lambda tenure: _work(engines, works, tenure)
    )
    _tell_figures(engines, lambda: list(works.values()))
    await keeper.run(ready)


async def _work(engines: Engines, works: dict[int, Work], tenure: Tenure) -> None:
    """Answer for one share until cancelled."""
    share, bus = tenure.share.number, ScopedBus(engines.bus)
    try:
        while True:
            try:
                driver = await _share_driver(engines, tenure.share)
                role = FieldRole(engines.city, engines.rows, bus, engines.clock, engines.ids, driver, tenure)
                await role.start()
                break
            except EngineAway as error:
                bus.close()
                log.warning("share %d waits: %s", share, error)
                await asyncio.sleep(AGAIN_S)
        works[share] = (role, driver.counters)
        await role.run()
    finally:
        bus.close()
        works.pop(share, None)


async def _share_driver(engines: Engines, share: Share) -> MqttDriver:
    key = cursor_key(share)
    broker = Broker(**engines.card.mqtt_sign_in("gateway"), client_id=f"post-gateway-{share.number}")
    cursor = await load_shared_cursor(engines.rows, DRIVER_KEY, key, share)
    return MqttDriver(engines.city, engines.clock, broker, cursor, share=share)


def _tell_figures(engines: Engines, works: Works) -> None:
    for name in ("readings", "duplicates", "gaps", "dead_letters"):
        engines.figures[name] = partial(_sum_of, works, name)
    engines.details["intake"] = IntakeLoad(lambda: [role.projector for role, _ in works()]).health
    engines.figures["shed"] = lambda: sum(role.projector.shed.total() for role, _ in works())
    engines.figures["late"] = lambda: sum(role.projector.late for role, _ in works())
    # Screens that are not fed must not look alive: without the broker, or with intakes that wait, this role says so.
    engines.troubles.append(lambda: any(not counters.connected or role.writer.is_held_up for role, counters in works()))


def _sum_of(works: Works, name: str) -> int:
    return sum(getattr(counters, name) for _, counters in works())
