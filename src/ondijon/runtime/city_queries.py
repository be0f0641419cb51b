"""The SQL that keeps a city and brings it back."""

from collections.abc import Sequence

from ondijon.kernel.inventory import TwinRecord
from ondijon.kernel.ports import Row, Rows, Transaction


async def find_city(rows: Rows) -> Row | None:
    return await rows.fetch_one("SELECT key, version, attributes_version, inventory_sha256, attribution FROM city")


async def list_communes(rows: Rows) -> Sequence[Row]:
    return await rows.fetch("SELECT insee, name, lon, lat FROM communes ORDER BY code")


async def list_streets(rows: Rows) -> Sequence[Row]:
    return await rows.fetch("SELECT street_id, name, commune FROM streets")


async def list_twins(rows: Rows) -> Sequence[Row]:
    return await rows.fetch(
        """SELECT twin_no, urn, type, commune, name, position[0] AS lon, position[1] AS lat,
                  street_id, part_of, gateway, device, attributes
           FROM twins WHERE retired_at IS NULL ORDER BY type, twin_no"""
    )


async def list_attributes(rows: Rows, after: int, most: int) -> Sequence[Row]:
    """The attributes of the next twins by number: (twin_no, type, attributes)."""
    return await rows.fetch(
        """SELECT twin_no, type, attributes FROM twins
           WHERE retired_at IS NULL AND twin_no > $1 ORDER BY twin_no LIMIT $2""",
        after,
        most,
    )


async def list_properties(rows: Rows | Transaction) -> Sequence[Row]:
    return await rows.fetch("SELECT property_no, twin_type, key FROM properties")


async def add_property(tx: Transaction, property_no: int, twin_type: str, key: str) -> None:
    await tx.execute(
        "INSERT INTO properties (property_no, twin_type, key) VALUES ($1, $2, $3)",
        property_no,
        twin_type,
        key,
    )


async def lock_city(tx: Transaction) -> None:
    await tx.execute("SELECT pg_advisory_xact_lock(hashtext('ondijon.city'))")


async def write_city(
    tx: Transaction, key: str, imported_at: object, sha256: str, attribution: dict[str, str] | None
) -> None:
    await tx.execute(
        """INSERT INTO city (key, version, imported_at, inventory_sha256, attribution) VALUES ($1, 1, $2, $3, $4)
           ON CONFLICT (key) DO UPDATE
           SET version = city.version + 1, imported_at = excluded.imported_at,
               inventory_sha256 = excluded.inventory_sha256, attribution = excluded.attribution""",
        key,
        imported_at,
        sha256,
        attribution,
    )


async def touch_city(tx: Transaction, imported_at: object) -> None:
    """Twins were added by hand: the inventory is no longer that of a file."""
    await tx.execute("UPDATE city SET version = version + 1, imported_at = $1, inventory_sha256 = ''", imported_at)


async def stage_twins(tx: Transaction, twins: Sequence[TwinRecord]) -> None:
    """Put the twins of an inventory beside the known ones, in a temporary table."""
    await tx.execute("CREATE TEMPORARY TABLE staged (LIKE twins) ON COMMIT DROP")
    await tx.execute("ALTER TABLE staged ALTER COLUMN twin_no DROP NOT NULL")
    await tx.copy_rows(
        "staged",
        (
            "urn",
            "type",
            "commune",
            "name",
            "position",
            "street_id",
            "part_of",
            "gateway",
            "device",
            "attributes",
        ),
        [
            (
                twin.id,
                twin.type,
                twin.commune,
                twin.name,
                twin.position,
                twin.street_id,
                twin.part_of,
                twin.gateway,
                twin.device,
                twin.attributes,
            )
            for twin in twins
        ],
    )
    await tx.execute("ANALYZE staged")


async def keep_edits(tx: Transaction) -> None:
    """What people wrote over attributes lies over what an inventory brings; call before counting and merging."""
    await tx.execute(
        """UPDATE staged s SET attributes = s.attributes || e.edits
           FROM (SELECT urn, jsonb_object_agg(key, value) AS edits FROM attribute_edits GROUP BY urn) e
           WHERE e.urn = s.urn"""
    )


_SAME = """t.type = s.type AND t.commune = s.commune AND t.name = s.name AND t.position ~= s.position
    AND t.street_id IS NOT DISTINCT FROM s.street_id
    AND t.part_of IS NOT DISTINCT FROM s.part_of AND t.gateway IS NOT DISTINCT FROM s.gateway
    AND t.device IS NOT DISTINCT FROM s.device AND t.attributes = s.attributes AND t.retired_at IS NULL"""


async def count_staged(tx: Transaction) -> Sequence[Row]:
    """How the staged twins differ from the known ones, by type; call before merging."""
    return await tx.fetch(
        f"""SELECT s.type, count(*) FILTER (WHERE t.urn IS NULL) AS created,
                   count(*) FILTER (WHERE t.urn IS NOT NULL AND {_SAME}) AS unchanged,
                   count(*) FILTER (WHERE t.urn IS NOT NULL AND NOT ({_SAME})) AS changed
            FROM staged s LEFT JOIN twins t USING (urn) GROUP BY s.type"""  # noqa: S608 (_SAME is a literal above)
    )


async def retire_missing(tx: Transaction, types: Sequence[str], at: object) -> Sequence[Row]:
    """Retire the known twins of these types that the inventory no longer has; how many by type."""
    return await tx.fetch(
        """WITH gone AS (
               UPDATE twins SET retired_at = $2
               WHERE type = ANY($1) AND retired_at IS NULL
                 AND NOT EXISTS (SELECT 1 FROM staged s WHERE s.urn = twins.urn) RETURNING type)
           SELECT type, count(*) AS retired FROM gone GROUP BY type""",
        list(types),
        at,
    )


async def merge_staged(tx: Transaction) -> None:
    """Create and change twins from the staged ones; numbers go on where they ended, equal twins stay as they are."""
    await tx.execute(
        f"""INSERT INTO twins (twin_no, urn, type, commune, name, position, street_id, part_of, gateway, device,
                              attributes)
           SELECT coalesce(t.twin_no, (SELECT coalesce(max(twin_no), 0) FROM twins)
                           + row_number() OVER (PARTITION BY t.urn IS NULL ORDER BY s.type, s.urn))::integer,
                  s.urn, s.type, s.commune, s.name, s.position, s.street_id, s.part_of, s.gateway, s.device,
                  s.attributes
           FROM staged s LEFT JOIN twins t USING (urn)
           WHERE t.urn IS NULL OR NOT ({_SAME})
           ON CONFLICT (urn) DO UPDATE SET type = excluded.type, commune = excluded.commune,
               name = excluded.name, position = excluded.position, street_id = excluded.street_id,
               part_of = excluded.part_of, gateway = excluded.gateway, device = excluded.device,
               attributes = excluded.attributes, retired_at = NULL"""  # noqa: S608 (_SAME is a literal above)
    )
