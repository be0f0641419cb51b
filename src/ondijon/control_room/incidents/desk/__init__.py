"""What people and time do to incidents, one act a function."""
