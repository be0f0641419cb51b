"""Tests that belong to no single folder: architecture, installation, standards, journeys and faults."""
