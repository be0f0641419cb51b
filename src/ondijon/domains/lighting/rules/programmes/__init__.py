"""Lighting programmes: which layers of light there are, how they compose, and what a gateway stores of them; pure."""
