"""What the lighting layer reads from the rows."""

from collections.abc import Sequence

from ondijon.kernel.ports import Row, Rows


async def list_wanted_versions(rows: Rows) -> Sequence[Row]:
    """The version of the programme that each gateway should store."""
    return await rows.fetch("SELECT twin_no, version FROM programmes")
