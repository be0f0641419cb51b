"""A believable metropolis generated from a few typed facts and a seed."""

from ondijon.simulator.metropolis.generate import STREETLIGHTS, generate_metropolis

__all__ = ["STREETLIGHTS", "generate_metropolis"]
