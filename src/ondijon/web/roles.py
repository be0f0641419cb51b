"""Which roles of the post are alive, by the heartbeats they publish each second."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

from ondijon.kernel.errors import RemoteProtocolError

SUBJECTS = "ondijon.role.*"
SILENT_AFTER_S = 3.0
_T = TypeVar("_T")
State = Literal["ready", "starting", "stopped", "failed"]


class Heartbeat(Struct, frozen=True):
    """What a role says of itself each second on `ondijon.role.<name>`."""

    role: str
    state: State
    pid: int
    at: datetime
    detail: dict[str, Any] = {}


class RoleHealth(Struct, frozen=True):
    """A role as others see it; `silent` when it was not heard in time, without age when it never was."""

    state: State | Literal["silent"]
    age_s: float | None


class RoleWatch:
    """Remembers each role's last heartbeat; `monotonic` gives seconds."""

    def __init__(self, expected: Sequence[str], monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._expected = tuple(expected)
        self._heard: dict[str, tuple[Heartbeat, float]] = {}

    def hear(self, payload: bytes) -> Heartbeat:
        """Take a heartbeat; raises RemoteProtocolError when it is none."""
        try:
            heartbeat = msgspec.json.decode(payload, type=Heartbeat)
        except msgspec.MsgspecError as error:
            raise RemoteProtocolError("error.bad_frame", size=len(payload)) from error
        self._heard[heartbeat.role] = (heartbeat, self._monotonic())
        return heartbeat

    def report(self) -> dict[str, RoleHealth]:
        """The expected roles first, then whoever else was heard."""
        names = dict.fromkeys((*self._expected, *self._heard))
        return {name: self._health(name) for name in names}

    def states(self) -> dict[str, str]:
        """What has changed when this has: states without ages."""
        return {name: health.state for name, health in self.report().items()}

    def is_ready(self) -> bool:
        """Whether every expected role is ready and was heard in time."""
        return all(self._health(name).state == "ready" for name in self._expected)

    def find_detail(self, name: str) -> Mapping[str, Any] | None:
        """What a role told with its last heartbeat; None when it was not heard in time."""
        heard = self._heard.get(name)
        return None if heard is None or self._health(name).state == "silent" else heard[0].detail

    def find_told(self, name: str, key: str, kind: type[_T]) -> _T | None:
        """One of a role's details in its own shape; None when it was not told, not in time, or is none."""
        try:
            return msgspec.convert((self.find_detail(name) or {}).get(key), kind | None)
        except msgspec.ValidationError:
            return None

    def _health(self, name: str) -> RoleHealth:
        heard = self._heard.get(name)
        if heard is None:
            return RoleHealth("silent", None)
        heartbeat, at = heard
        age_s = round(self._monotonic() - at, 1)
        return RoleHealth("silent" if age_s > SILENT_AFTER_S else heartbeat.state, age_s)
