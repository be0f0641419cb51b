"""The field: cabinet gateways and their lights, speaking MQTT as real ones would."""
