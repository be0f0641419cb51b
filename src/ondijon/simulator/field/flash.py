"""What gateways keep through restarts and power cuts, in memory-mapped files of the state folder."""

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import DTypeLike, NDArray

from ondijon.simulator.field.columns import Kept

SEEN_PER_GATEWAY = 32
SEEN_BYTES = 16
_LIGHT_FILES: dict[str, DTypeLike] = {"energy_j": np.float64, "burning_s": np.float64, "hold": np.float32}
_GATEWAY_FILES: dict[str, DTypeLike] = {
    "meter_j": np.float64,
    "sequence": np.uint64,
    "boots": np.uint32,
    "seen_next": np.uint32,
    "seen": np.dtype((np.uint8, (SEEN_PER_GATEWAY, SEEN_BYTES))),
}


class _Owners(Struct, frozen=True):
    gateways: list[str]
    lights: list[str]


class StoredProgramme(Struct, frozen=True):
    """A programme as a gateway stored it."""

    version: int
    content: dict[str, object]


@dataclass(slots=True)
class Flash:
    """Columns backed by files: what is written here survives the death of the process at any instant."""

    folder: Path
    kept: Kept
    sequence: NDArray[np.uint64]
    boots: NDArray[np.uint32]
    seen_next: NDArray[np.uint32]
    seen: NDArray[np.uint8]

    def next_sequence(self, gateway: int) -> int:
        """The number of the gateway's next pack; never given twice."""
        self.sequence[gateway] += np.uint64(1)
        return int(self.sequence[gateway])

    def remember_command(self, gateway: int, command_id: str) -> None:
        slot = int(self.seen_next[gateway]) % SEEN_PER_GATEWAY
        self.seen[gateway, slot] = np.frombuffer(_digest(command_id), np.uint8)
        self.seen_next[gateway] += np.uint32(1)

    def has_seen(self, gateway: int, command_id: str) -> bool:
        wanted = np.frombuffer(_digest(command_id), np.uint8)
        return bool((self.seen[gateway] == wanted).all(axis=1).any())

    def store_programme(self, gateway: str, programme: StoredProgramme) -> None:
        target = self.folder / "programmes" / f"{gateway}.json"
        draft = target.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(programme))
        os.replace(draft, target)

    def find_programme(self, gateway: str) -> StoredProgramme | None:
        source = self.folder / "programmes" / f"{gateway}.json"
        try:
            return msgspec.json.decode(source.read_bytes(), type=StoredProgramme)
        except FileNotFoundError:
            return None


def _digest(command_id: str) -> bytes:
    return hashlib.blake2b(command_id.encode(), digest_size=SEEN_BYTES).digest()


def open_flash(folder: Path, gateways: Sequence[str], lights: Sequence[str], past: Kept) -> Flash:
    """Open the state folder; ids it does not know start with `past`, ids no longer planned are dropped."""
    (folder / "programmes").mkdir(parents=True, exist_ok=True)
    owners = _Owners(list(gateways), list(lights))
    encoded = msgspec.json.encode(owners)
    home = folder / f"columns-{hashlib.blake2b(encoded, digest_size=8).hexdigest()}"
    if not home.is_dir():
        _settle_in(folder, home, owners, encoded, past)
    columns = {name: _map(home, name, kind, len(lights)) for name, kind in _LIGHT_FILES.items()}
    columns |= {name: _map(home, name, kind, len(gateways)) for name, kind in _GATEWAY_FILES.items()}
    return Flash(
        folder=folder,
        kept=Kept(columns["energy_j"], columns["burning_s"], columns["hold"], columns["meter_j"]),
        sequence=columns["sequence"],
        boots=columns["boots"],
        seen_next=columns["seen_next"],
        seen=columns["seen"],
    )


def _map(home: Path, name: str, kind: DTypeLike, count: int) -> NDArray[Any]:
    dtype = np.dtype(kind)
    if count == 0:
        return np.zeros((0, *dtype.shape), dtype.base)
    mapped = np.memmap(home / name, dtype=dtype.base, mode="r+", shape=(count, *dtype.shape))
    return mapped.view(np.ndarray)


def _settle_in(folder: Path, home: Path, owners: _Owners, encoded: bytes, past: Kept) -> None:
    former = max(folder.glob("columns-*"), key=lambda path: path.stat().st_mtime, default=None)
    draft = folder / f"new-{home.name}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    fresh = {"energy_j": past.energy_j, "burning_s": past.burning_s, "hold": past.hold, "meter_j": past.meter_j}
    for files, ids, scope in ((_LIGHT_FILES, owners.lights, "lights"), (_GATEWAY_FILES, owners.gateways, "gateways")):
        for name, kind in files.items():
            dtype = np.dtype(kind)
            column = np.zeros((len(ids), *dtype.shape), dtype.base)
            if name in fresh:
                column[:] = fresh[name]
            if former is not None:
                _carry_over(former, name, dtype, ids, scope, column)
            column.tofile(draft / name)
    (draft / "owners.json").write_bytes(encoded)
    os.replace(draft, home)
    if former is not None:
        shutil.rmtree(former)


def _carry_over(
    former: Path, name: str, dtype: np.dtype[np.generic], ids: list[str], scope: str, column: NDArray[np.generic]
) -> None:
    owners = msgspec.json.decode((former / "owners.json").read_bytes(), type=_Owners)
    old_ids: list[str] = getattr(owners, scope)
    old = np.fromfile(former / name, dtype.base).reshape((len(old_ids), *dtype.shape))
    place = {identity: index for index, identity in enumerate(old_ids)}
    pairs = [(index, place[identity]) for index, identity in enumerate(ids) if identity in place]
    if pairs:
        new_index, old_index = np.array(pairs).T
        column[new_index] = old[old_index]
