"""What the lighting layer reads from the rows."""

from collections.abc import Sequence
from uuid import UUID

from ondijon.kernel.ports import Row, Rows


async def list_classes(rows: Rows) -> Sequence[Row]:
    """The lights of each lighting class, and those among them whose class was inferred."""
    return await rows.fetch(
        """SELECT class AS choice, array_agg(twin_no) AS twin_nos,
                  array_agg(twin_no) FILTER (WHERE class_inferred) AS inferred_nos
           FROM lighting_light_classes WHERE class IS NOT NULL GROUP BY class ORDER BY class"""
    )


async def list_programmes(rows: Rows) -> Sequence[Row]:
    """The lights that follow each programme now; the programme of most lights first."""
    return await rows.fetch(
        """SELECT programme AS choice, array_agg(twin_no) AS twin_nos, NULL::integer[] AS inferred_nos
           FROM lighting_light_programmes GROUP BY programme ORDER BY count(*) DESC, programme"""
    )


async def list_savings(rows: Rows) -> Sequence[Row]:
    """The measured saving of each cabinet, and the days it was measured over."""
    return await rows.fetch("SELECT twin_no, saving_pct, since_day, until_day FROM lighting_cabinet_savings")


async def list_wanted_versions(rows: Rows) -> Sequence[Row]:
    """The version of the programme that each gateway should store."""
    return await rows.fetch("SELECT twin_no, version FROM programmes")


_NAMED = """SELECT r.*, p.name AS proposer, d.name AS decider, u.name AS undoer FROM lighting_re_equipments r
    LEFT JOIN users p ON p.pseudonym = r.proposed_by LEFT JOIN users d ON d.pseudonym = r.decided_by
    LEFT JOIN users u ON u.pseudonym = r.undone_by"""


async def list_re_equipments(rows: Rows, communes: Sequence[str], most: int) -> Sequence[Row]:
    """Changes of equipment that lie wholly in these communes: those that wait, then the newest."""
    return await rows.fetch(
        f"""{_NAMED} WHERE r.communes <@ $1::text[] ORDER BY r.state <> 'proposed', r.proposed_at DESC LIMIT $2""",
        list(communes),
        most,
    )


async def find_re_equipment(rows: Rows, re_equipment: UUID) -> Row | None:
    return await rows.fetch_one(f"{_NAMED} WHERE r.id = $1", re_equipment)


async def list_journal(rows: Rows, re_equipment: UUID) -> Sequence[Row]:
    """How many values of each key a change wrote over, by what they were: (key, former, count, same)."""
    return await rows.fetch(
        """SELECT key, former, count(*) AS count, false AS same FROM lighting_attribute_edits
           WHERE re_equipment = $1 GROUP BY key, former ORDER BY key, count DESC, former""",
        re_equipment,
    )
