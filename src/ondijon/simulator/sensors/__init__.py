"""Traffic counters over MQTT, each its own gateway: believable counts, hours of silence, values that freeze."""

from ondijon.simulator.sensors.run import CounterSpec, SensorField, run_sensors

__all__ = ["CounterSpec", "SensorField", "run_sensors"]
