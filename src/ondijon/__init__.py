"""OnDijon is the open command post of a metropolis."""
