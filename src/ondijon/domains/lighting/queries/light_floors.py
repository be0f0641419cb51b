"""EN 13201 class and floor of every light, as programmes need them."""

from collections.abc import Sequence

from ondijon.kernel.ports import Row, Rows, Transaction


async def list_light_classes(rows: Rows | Transaction) -> Sequence[Row]:
    return await rows.fetch("SELECT twin_no, class, on_crossing, floor_pct FROM lighting_light_classes")
