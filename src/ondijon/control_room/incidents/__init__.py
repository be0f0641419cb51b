"""Incidents: one happening, one file, from the first sign to its close."""
