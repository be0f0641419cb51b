"""EN 13201 class and floor of every light, and the policies that let communes go below."""

from collections.abc import Sequence

from ondijon.kernel.ports import Row, Rows, Transaction


async def list_light_classes(rows: Rows | Transaction) -> Sequence[Row]:
    known = await rows.fetch_one("SELECT to_regclass('lighting_light_classes') IS NOT NULL AS known")
    if known is None or not known["known"]:
        return ()
    return await rows.fetch("SELECT twin_no, class, on_crossing, floor_pct FROM lighting_light_classes")


async def list_policies(rows: Rows | Transaction) -> Sequence[Row]:
    """Policies that are, or will be, in force."""
    known = await rows.fetch_one("SELECT to_regclass('lighting_policies') IS NOT NULL AS known")
    if known is None or not known["known"]:
        return ()
    return await rows.fetch(
        """SELECT id, commune, classes, crossings, from_min, to_min, least_pct, since, until, state
           FROM lighting_policies WHERE state = 'authorised' ORDER BY id"""
    )
