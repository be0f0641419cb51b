"""Alarms as cards, their members, shelving, silences and figures."""
