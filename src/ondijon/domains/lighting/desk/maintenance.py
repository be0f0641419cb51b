"""The families of luminaires, kept as the city's file has them."""

from typing import Any

import msgspec

from ondijon.domains.lighting.queries import maintenance as queries
from ondijon.domains.lighting.rules.maintenance import ModelsFile
from ondijon.kernel.errors import Refused
from ondijon.kernel.room import ActDesk, SeedSpec


async def load_models(desk: ActDesk, content: dict[str, Any]) -> None:
    """Bring the families to lighting_models.toml; raises Refused when the file is not what it should be."""
    try:
        file = msgspec.convert(content, ModelsFile)
    except msgspec.ValidationError as error:
        raise Refused("error.lighting_bad_models", problem=str(error)[:200]) from error
    await queries.save_models(desk.tx, msgspec.to_builtins(file))


SEEDS = (SeedSpec("lighting_models.toml", load_models),)
