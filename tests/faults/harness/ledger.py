"""What the injector was about to do and what was acknowledged to it, on its own disk before it counts."""

import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

Kind = Literal["pack", "alarm", "command", "line"]


class Entry(Struct, frozen=True):
    """One line of the file: these stimuli are about to leave, or were acknowledged; `at_s` of time.time()."""

    at_s: float
    word: Literal["will", "acked"]
    kind: Kind
    keys: list[str]


class Ledger:
    """One append-only file of JSON lines, synced before a stimulus leaves; a batch of stimuli is one line.

    What was acknowledged is written with the next batch, so that the last fifth of a second may be missing after a
    crash of the injector itself: such a stimulus counts as never acknowledged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()

    def write(self, *entries: Entry) -> None:
        """Return once these lines lie on the disk."""
        text = b"".join(msgspec.json.encode(entry) + b"\n" for entry in entries)
        with self._lock:
            self._file.write(text)
            os.fdatasync(self._file.fileno())

    def close(self) -> None:
        self._file.close()

    def read(self) -> "Account":
        """What the file says, from its first line."""
        lines = self._path.read_bytes().splitlines()
        return Account(msgspec.json.decode(line, type=Entry) for line in lines)


class Account:
    """The ledger added up: by kind, when each stimulus left, and which were acknowledged."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._left: dict[Kind, dict[str, float]] = {}
        self._acked: dict[Kind, set[str]] = {}
        for entry in entries:
            if entry.word == "acked":
                self._acked.setdefault(entry.kind, set()).update(entry.keys)
                continue
            left = self._left.setdefault(entry.kind, {})
            for key in entry.keys:
                left.setdefault(key, entry.at_s)

    def left(self, kind: Kind) -> dict[str, float]:
        """When each stimulus of this kind was about to leave for the first time."""
        return self._left.get(kind, {})

    def forgive(self, kind: Kind, keys: Iterable[str]) -> None:
        """As if these had never left: what became of them is told elsewhere."""
        for key in keys:
            self._left.get(kind, {}).pop(key, None)
            self._acked.get(kind, set()).discard(key)

    def acked(self, kind: Kind) -> set[str]:
        return self._acked.get(kind, set())
