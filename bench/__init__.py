"""Benchmarks: each prints a figure and, in the same run, a ratio to a peer or a limit."""
