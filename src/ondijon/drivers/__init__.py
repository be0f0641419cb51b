"""Drivers speak the field's protocols: one folder per protocol."""
