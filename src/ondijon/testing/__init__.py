"""Builders and fakes for tests; imported by tests and benches only."""
