"""Telling people what needs them, in the room and outside of it, until somebody has read it."""
