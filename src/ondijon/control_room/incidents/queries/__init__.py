"""The SQL of incidents, one query a function."""
