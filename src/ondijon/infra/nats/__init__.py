"""NATS is the field bus: an MQTT broker that asks us who a device is, and the bus between our own roles."""
