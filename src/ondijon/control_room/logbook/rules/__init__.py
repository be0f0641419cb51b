"""How facts become sentences, and how the logbook is searched."""
