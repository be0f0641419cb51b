"""What people ask of the post in these tests."""

from typing import Any
from uuid import uuid4

from tests.faults.deadline import until
from tests.faults.running_post import Desk


def dim_body(*urns: str, level_pct: float, expires_s: int = 60, hold_s: int | None = None) -> dict[str, Any]:
    """The body of an order to dim these lights."""
    payload: dict[str, Any] = {"level_pct": level_pct}
    if hold_s is not None:
        payload["hold_s"] = hold_s
    return {
        "key": "lighting.dim_streetlights",
        "targets": {"kind": "twins", "ids": urns},
        "payload": payload,
        "reason": "a test",
        "expires_s": expires_s,
        "idempotency_key": str(uuid4()),
        "precondition": None,
    }


def dim(desk: Desk, *urns: str, level_pct: float, expires_s: int = 60, hold_s: int | None = None) -> str:
    """Ask to dim; returns the command's id."""
    body = dim_body(*urns, level_pct=level_pct, expires_s=expires_s, hold_s=hold_s)
    command_id: str = desk.post("/api/commands", body)["id"]
    return command_id


def undo(desk: Desk, command_id: str) -> str:
    """Ask to undo; returns the new command's id."""
    body = {"reason": "a test", "idempotency_key": str(uuid4())}
    undone_by: str = desk.post(f"/api/commands/{command_id}/undo", body)["id"]
    return undone_by


def state_of(desk: Desk, command_id: str) -> str:
    state: str = desk.get(f"/api/commands/{command_id}")["state"]
    return state


def await_state(desk: Desk, command_id: str, state: str, within_s: float) -> set[str]:
    """Wait for a state; returns every state seen on the way."""
    seen: set[str] = set()

    def reached() -> bool:
        seen.add(state_of(desk, command_id))
        return state in seen

    until(f"command is {state}, seen: {seen}", reached, within_s)
    return seen


def value_of(desk: Desk, urn: str, key: str) -> Any:
    """The latest known value of a twin's property."""
    found = desk.get(f"/api/twin/{urn}")["state"].get(key)
    return None if found is None else found["value"]
