"""Keeps engines and roles alive: starts them in order, restarts what ends, stops everything in time."""

from ondijon.runtime.supervisor.service import Child, Service, ServiceState, Step, Working
from ondijon.runtime.supervisor.supervisor import Supervisor

__all__ = ["Child", "Service", "ServiceState", "Step", "Supervisor", "Working"]
