"""The list of what was really broken and when: never sent to the post, kept to judge it."""

from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, Self

import msgspec
from msgspec import Struct

FaultKind = Literal[
    "lamp_out", "day_burner", "cycling", "power_drift", "slow_drift", "wrong_level", "phase_loss", "circuit_loss",
    "stolen_cable", "cabinet_loss", "gateway_loss", "clock_skew", "duplicates", "late", "malformed",
]  # fmt: skip


Cause = Literal["order", "storm", "background", "standing"]


class Fault(Struct, frozen=True, omit_defaults=True):
    """A fault and its ground truth; `target` is a light's or a gateway's id, `amount` depends on the kind."""

    kind: FaultKind
    target: str
    since_s: float
    cause: Cause
    amount: float = 0.0
    heals_at_s: float | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.target


class TruthLine(Struct, frozen=True):
    """One line of the file."""

    event: Literal["broken", "healed"]
    at_s: float
    fault: Fault


class Truth:
    """Active faults in memory; every change appended to a JSON Lines file (none: in memory alone)."""

    def __init__(self, path: Path | None) -> None:
        self.active: dict[tuple[str, str], Fault] = {}
        self.is_new = path is None or not path.exists()
        self._file: BinaryIO = BytesIO()
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not self.is_new:
                self._replay(path)
            self._file = path.open("ab")
        self._encoder = msgspec.json.Encoder()

    def _replay(self, path: Path) -> None:
        with path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break  # the process died while it wrote the last line
                entry = msgspec.json.decode(line, type=TruthLine)
                if entry.event == "broken":
                    self.active[entry.fault.key] = entry.fault
                else:
                    self.active.pop(entry.fault.key, None)

    def broken(self, fault: Fault) -> None:
        self.active[fault.key] = fault
        self._append(TruthLine("broken", fault.since_s, fault))

    def healed(self, fault: Fault, at_s: float) -> None:
        self.active.pop(fault.key, None)
        self._append(TruthLine("healed", at_s, fault))

    def _append(self, line: TruthLine) -> None:
        self._file.write(self._encoder.encode(line) + b"\n")

    def flush(self) -> None:
        self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
