"""The only I/O of this driver: the link to the broker, the inbox, intake and sending."""

from ondijon.drivers.mqtt.connection.driver import MqttDriver
from ondijon.drivers.mqtt.connection.limits import Broker, Counters, IngestLimits

__all__ = ["Broker", "Counters", "IngestLimits", "MqttDriver"]
