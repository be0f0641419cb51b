"""Mobility: what counters measure of traffic on streets; counts only, nobody is known."""
