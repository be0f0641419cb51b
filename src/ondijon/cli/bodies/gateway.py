"""The gateway role over its engines."""

from ondijon.cli.bodies import Ready
from ondijon.cli.engines import Engines
from ondijon.cli.intake_load import IntakeLoad
from ondijon.drivers.mqtt.connection import Broker, MqttDriver
from ondijon.drivers.mqtt.manifest import DRIVER_KEY
from ondijon.runtime.field_role import FieldRole, load_cursor


async def run(engines: Engines, ready: Ready) -> None:
    """The MQTT driver and the field role behind it."""
    cursor = await load_cursor(engines.rows, DRIVER_KEY)
    driver = MqttDriver(
        engines.city, engines.clock, Broker(**engines.card.mqtt_sign_in("gateway"), client_id="post-gateway"), cursor
    )
    role = FieldRole(engines.city, engines.rows, engines.bus, engines.clock, engines.ids, driver)
    counters = driver.counters
    engines.figures.update(
        readings=lambda: counters.readings,
        duplicates=lambda: counters.duplicates,
        gaps=lambda: counters.gaps,
        dead_letters=lambda: counters.dead_letters,
        late=lambda: role.projector.late,
        shed=lambda: role.projector.shed.total(),
    )
    engines.details["intake"] = IntakeLoad(role.projector).health
    # Screens that are not fed must not look alive: without the broker, or with intakes that wait, this role says so.
    engines.troubles.extend((lambda: not counters.connected, lambda: role.writer.is_held_up))
    await role.start()
    ready()
    await role.run()
