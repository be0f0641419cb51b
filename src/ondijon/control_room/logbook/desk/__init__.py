"""The logbook at work: lines are written, and found again."""
