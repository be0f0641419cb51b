"""Which roles of the post are alive, by the heartbeats they publish each second."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

from ondijon.kernel.errors import RemoteProtocolError

SUBJECTS = "ondijon.role.*"
SILENT_AFTER_S = 3.0
_T = TypeVar("_T")
TAKEN_OVER_AFTER_S = 10.0
State = Literal["ready", "starting", "stopped", "failed"]


class Heartbeat(Struct, frozen=True):
    """What a role says of itself each second on `ondijon.role.<name>`; `node` is its host, of several."""

    role: str
    state: State
    pid: int
    at: datetime
    detail: dict[str, Any] = {}
    node: str = ""


class RoleHealth(Struct, frozen=True):
    """A role as others see it; `silent` when it was not heard in time, without age when it never was."""

    state: State | Literal["silent"]
    age_s: float | None


class RoleWatch:
    """Remembers each role's last heartbeat; `monotonic` gives seconds.

    A role on several hosts is as its worst one, until others must have taken over what a silent one did.
    """

    def __init__(self, expected: Sequence[str], monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._expected = tuple(expected)
        self._heard: dict[str, dict[str, tuple[Heartbeat, float]]] = {}

    def hear(self, payload: bytes) -> Heartbeat:
        """Take a heartbeat; raises RemoteProtocolError when it is none."""
        try:
            heartbeat = msgspec.json.decode(payload, type=Heartbeat)
        except msgspec.MsgspecError as error:
            raise RemoteProtocolError("error.bad_frame", size=len(payload)) from error
        self._heard.setdefault(heartbeat.role, {})[heartbeat.node] = (heartbeat, self._monotonic())
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
        """What a role told with its last heartbeat, from whichever host; None when it was not heard in time."""
        newest = max(self._heard.get(name, {}).values(), key=lambda one: one[1], default=None)
        return None if newest is None or self._health(name).state == "silent" else newest[0].detail

    def list_told(self, name: str, key: str, kind: type[_T]) -> list[_T]:
        """One detail of a role from each host that told it in time, in the order of the hosts' names."""
        found = []
        for _, (heartbeat, at) in sorted(self._heard.get(name, {}).items()):
            if self._monotonic() - at <= SILENT_AFTER_S and heartbeat.detail.get(key) is not None:
                with suppress(msgspec.ValidationError):
                    found.append(msgspec.convert(heartbeat.detail[key], kind))
        return found

    def find_told(self, name: str, key: str, kind: type[_T]) -> _T | None:
        """The same of a role that is done on one host only; None when it was not told, not in time, or is none."""
        return next(iter(self.list_told(name, key, kind)), None)

    def _health(self, name: str) -> RoleHealth:
        heard = self._heard.get(name)
        if heard is None:
            return RoleHealth("silent", None)
        now_s = self._monotonic()
        newest_s = max(at for _, at in heard.values())
        counted = [one for one in heard.values() if one[1] == newest_s or now_s - one[1] < TAKEN_OVER_AFTER_S]
        found = [_judge(heartbeat, round(now_s - at, 1)) for heartbeat, at in counted]
        return next((health for health in found if health.state != "ready"), found[0])


def _judge(heartbeat: Heartbeat, age_s: float) -> RoleHealth:
    return RoleHealth("silent" if age_s > SILENT_AFTER_S else heartbeat.state, age_s)
