"""What the room keeps in tables of a city's data is brought in line with its files at each start."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from ondijon.kernel.errors import NotFound
from ondijon.kernel.identity import THE_POST
from ondijon.kernel.room import RoomManifest
from ondijon.runtime.room_door import RoomDoor


async def sow_seeds(door: RoomDoor, parts: Sequence[RoomManifest], city_folder: Path) -> None:
    """Load each part's file, the city's own or the one that all cities share; raises NotFound without either."""
    for part in parts:
        for seed in part.seeds:
            path = next(
                (path for path in (city_folder / seed.file, city_folder.parent / seed.file) if path.exists()), None
            )
            if path is None:
                raise NotFound("error.seed_not_found", part=part.part, file=seed.file)
            async with door.desk(THE_POST) as desk:
                await seed.load(desk, tomllib.loads(path.read_text("utf-8")))
