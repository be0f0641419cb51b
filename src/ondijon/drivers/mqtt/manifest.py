"""What the loader knows this driver by."""

DRIVER_KEY = "mqtt"
PROTOCOL = "MQTT 3.1.1 with SenML (RFC 8428)"
