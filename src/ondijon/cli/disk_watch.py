"""The disks under the database and under the broker's streams: who runs short of room is told before it is full."""

import asyncio
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ondijon.kernel.errors import EngineAway
from ondijon.kernel.ports import Bus
from ondijon.runtime.field_role import DISK_SUBJECT

log = logging.getLogger(__name__)

EVERY_S = 5.0
SHORT_SHARE = 0.1
# A tenth of a large disk is room for days.
ENOUGH_BYTES = 20 << 30


def is_short(free_bytes: int, total_bytes: int) -> bool:
    """Less than a tenth of the disk is free, and less than 20 GiB."""
    return free_bytes < min(total_bytes * SHORT_SHARE, ENOUGH_BYTES)


async def watch_disks(folders: Sequence[Path], bus: Bus, every_s: float = EVERY_S) -> None:
    """Say of each folder whose disk runs short so, over the bus alone (which needs no disk), until cancelled."""
    while True:
        for folder in folders:
            try:
                await _tell(folder, bus)
            except (EngineAway, OSError) as error:
                log.warning("disk of %s not told of: %s", folder, error)
        await asyncio.sleep(every_s)


async def _tell(folder: Path, bus: Bus) -> None:
    room = shutil.disk_usage(folder)
    if is_short(room.free, room.total):
        log.warning("disk of %s: %d MB are free", folder, room.free >> 20)
        word = {"folder": folder.name, "free_mb": room.free >> 20}
        await bus.publish(DISK_SUBJECT, msgspec.json.encode(word))
