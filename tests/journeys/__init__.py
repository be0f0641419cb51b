"""People at the console, in a real browser."""
