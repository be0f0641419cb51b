"""Tests of the MQTT driver: bytes are fed, nothing is mocked."""
