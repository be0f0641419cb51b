"""The bodies of the roles, one module each, so that a role loads only what it needs."""

from collections.abc import Callable, Coroutine
from importlib import import_module

from ondijon.cli.engines import Engines

ROLES = ("core", "gateway", "web", "simulator")
Ready = Callable[[], None]
Body = Callable[[Engines, Ready], Coroutine[None, None, None]]


def load_body(role: str) -> Body:
    """What a role does on its engines until it is cancelled; it calls `ready` when it can do its work."""
    body: Body = import_module(f"ondijon.cli.bodies.{role}").run
    return body
