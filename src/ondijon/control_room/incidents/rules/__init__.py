"""Decisions about incidents: the law of their states, their clocks, their types, where a point lies."""
