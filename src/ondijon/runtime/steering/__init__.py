"""Steerings at work: what is measured becomes commands, zone by zone, as the automation's own."""

from ondijon.runtime.steering.runner import SteeringRunner

__all__ = ["SteeringRunner"]
