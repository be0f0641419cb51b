"""All lights of the generated city as CSV, as they leave the room."""

import asyncio
import time

import numpy as np

from bench.stage import CITY, publish
from ondijon.apps.console.parts.lighting.export import open_sheet, write
from ondijon.kernel.city import City
from ondijon.testing.generated import generate_city

LIMIT_S = 2.0
NOW_US = 1_795_000_000_000_000


async def export_all(city: City) -> tuple[float, int, int]:
    """Seconds, lines and bytes of one export."""
    rows = np.arange(len(city.twins["Streetlight"]), dtype=np.int32)
    began = time.perf_counter()
    pieces = [piece async for piece in write(open_sheet(city, NOW_US), rows, bom=False)]
    taken_s = time.perf_counter() - began
    content = b"".join(pieces)
    return taken_s, content.count(b"\r\n") - 1, len(content)


def main() -> None:
    """The median of five; fails above the limit."""
    city = generate_city(CITY)
    columns = city.columns["Streetlight"]
    columns.value[:] = 42.5
    columns["control"][:] = 0.0
    columns.observed_us[:] = NOW_US
    taken = [asyncio.run(export_all(city)) for _ in range(5)]
    value = float(np.median([seconds for seconds, _, _ in taken]))
    line = {
        "value": round(value, 3),
        "unit": "s for all lights as CSV",
        "limit": LIMIT_S,
        "ratio": round(value / LIMIT_S, 3),
        "lights": taken[0][1],
        "bytes": taken[0][2],
    }
    publish("lights_csv", line, {})
    if value > LIMIT_S:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
