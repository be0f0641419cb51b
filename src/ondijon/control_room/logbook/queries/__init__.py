"""The SQL of the logbook: how lines are written, and how they are found."""
