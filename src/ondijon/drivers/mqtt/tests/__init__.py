"""Tests of the MQTT driver: bytes are fed, nothing of ours is mocked."""
