"""The simulator role over its engines."""

import asyncio

from ondijon.cli.bodies import Ready
from ondijon.cli.counter_plan import make_counter_plan
from ondijon.cli.engines import Engines
from ondijon.cli.field_plan import factory_programme, make_field_plan, rated_powers
from ondijon.cli.metered_past import remember_past
from ondijon.simulator.field.orders import Refit
from ondijon.simulator.field.plan import FieldOptions
from ondijon.simulator.field.run import run_field
from ondijon.simulator.sensors import run_sensors

FIELD_SEED = 21231


async def run(engines: Engines, ready: Ready) -> None:
    """The synthetic field, which knows the post only by MQTT, and what its meters counted before the post was."""
    broker = engines.card.mqtt_sign_in("simulator")
    plan = make_field_plan(engines.city, engines.home, factory_programme(engines.card.city))
    options = FieldOptions(control_user=broker["username"], control_secret=broker["password"] or "")
    counters = make_counter_plan(engines.city, engines.home)
    crews = _crews_of(engines)
    ready()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(remember_past(engines))
        if counters:
            tasks.create_task(
                run_sensors(
                    counters,
                    mqtt=(broker["host"], broker["port"]),
                    clock=engines.clock,
                    timezone=engines.city.card.timezone,
                    seed=FIELD_SEED,
                    options=options,
                )
            )
        await run_field(
            plan,
            mqtt=(broker["host"], broker["port"]),
            clock=engines.clock,
            seed=FIELD_SEED,
            state_folder=engines.home / "field",
            truth_file=engines.home / "field" / "truth.jsonl",
            options=options,
            crews=crews,
        )


def _crews_of(engines: Engines) -> asyncio.Queue[Refit]:
    """What the inventory says of a lamp from now on, crews have put up."""
    crews: asyncio.Queue[Refit] = asyncio.Queue()
    known = rated_powers(engines.city)

    async def refit() -> None:
        now = rated_powers(engines.city)
        changed = {device: power_w for device, power_w in now.items() if power_w != known[device]}
        known.update(changed)
        if changed:
            crews.put_nowait(Refit(changed))

    engines.on_renewed.append(refit)
    return crews
