"""The SQL of classes, floors and policies for the console; what a reader may see is a list of communes in each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ondijon.kernel.ports import Row, Rows

MOST_POLICIES = 500
TRADE = "lighting"
AUTOMATION = "adaptive_lighting"


async def list_communes(rows: Rows, communes: Sequence[str]) -> Sequence[Row]:
    """Sums of lights by commune, and where adaptive light is on."""
    return await rows.fetch(
        """SELECT t.commune, count(*) AS lights, count(*) FILTER (WHERE c.class_inferred) AS inferred,
                  count(*) FILTER (WHERE c.on_crossing) AS on_crossing, a.is_on, a.reason, a.seeded, a.set_at,
                  u.name AS set_by, (SELECT count(*) FROM lighting_street_classes s WHERE s.commune = t.commune) AS said
           FROM lighting_light_classes c JOIN twins t USING (twin_no)
           LEFT JOIN lighting_adaptive_communes a ON a.commune = t.commune
           LEFT JOIN users u ON u.pseudonym = a.set_by
           WHERE t.commune = ANY($1::text[])
           GROUP BY t.commune, a.is_on, a.reason, a.seeded, a.set_at, u.name ORDER BY t.commune""",
        list(communes),
    )


async def list_classes(rows: Rows, communes: Sequence[str]) -> Sequence[Row]:
    """How many lights of each class a commune has, and their floors."""
    return await rows.fetch(
        """SELECT t.commune, c.class, count(*) AS lights, min(c.floor_pct) AS floor_pct,
                  max(c.floor_pct) AS floor_most_pct
           FROM lighting_light_classes c JOIN twins t USING (twin_no) WHERE t.commune = ANY($1::text[])
           GROUP BY t.commune, c.class ORDER BY t.commune, c.class""",
        list(communes),
    )


async def list_streets(rows: Rows, commune: str) -> Sequence[Row]:
    """The lit streets of a commune."""
    return await rows.fetch(
        """SELECT s.name AS street, mode() WITHIN GROUP (ORDER BY s.street_class) AS street_class,
                  mode() WITHIN GROUP (ORDER BY c.street_class) AS class,
                  bool_or(c.class_inferred AND NOT c.on_crossing) AS inferred, count(*) AS lights,
                  count(*) FILTER (WHERE c.on_crossing) AS on_crossing,
                  array_agg(DISTINCT c.class ORDER BY c.class) AS classes, min(c.floor_pct) AS floor_pct,
                  max(s.vehicles_per_day) AS vehicles_per_day, max(s.counted_year) AS counted_year,
                  d.class AS said_class, d.reason AS said_reason, d.set_at AS said_at, u.name AS said_by
           FROM lighting_light_classes c JOIN twins t USING (twin_no) JOIN streets s USING (street_id)
           LEFT JOIN lighting_street_classes d ON d.commune = t.commune AND d.street = s.name
           LEFT JOIN users u ON u.pseudonym = d.set_by
           WHERE t.commune = $1 GROUP BY s.name, d.class, d.reason, d.set_at, u.name ORDER BY s.name""",
        commune,
    )


async def list_policies(rows: Rows, communes: Sequence[str]) -> Sequence[Row]:
    """Policies with the names of who proposed, decided and revoked them, the newest first."""
    return await rows.fetch(
        """SELECT p.*, a.name AS proposed_name, b.name AS decided_name, c.name AS revoked_name
           FROM lighting_policies p LEFT JOIN users a ON a.pseudonym = p.proposed_by
           LEFT JOIN users b ON b.pseudonym = p.decided_by LEFT JOIN users c ON c.pseudonym = p.revoked_by
           WHERE p.commune = ANY($1::text[]) ORDER BY p.proposed_at DESC, p.id LIMIT $2""",
        list(communes),
        MOST_POLICIES,
    )


async def list_steered(rows: Rows, commune: str, since: datetime) -> Sequence[Row]:
    """The last decision on each zone of a commune."""
    return await rows.fetch(
        """SELECT DISTINCT ON (d.input -> 'zone' ->> 'key') d.at, d.input -> 'zone' AS zone, d.outcome,
                  d.input ->> 'hour_per_h' AS hour_per_h
           FROM automation_decisions d
           WHERE d.automation = $1 AND d.commune = $2 AND d.trade = $3 AND d.at >= $4
           ORDER BY d.input -> 'zone' ->> 'key', d.at DESC""",
        AUTOMATION,
        commune,
        TRADE,
        since,
    )


async def count_zone_lights(rows: Rows, commune: str) -> dict[tuple[str, str], Any]:
    """Lights by street and class."""
    found = await rows.fetch(
        """SELECT s.name AS street, c.class, count(*) AS lights
           FROM lighting_light_classes c JOIN twins t USING (twin_no) JOIN streets s USING (street_id)
           WHERE t.commune = $1 GROUP BY s.name, c.class""",
        commune,
    )
    return {(row["street"], row["class"]): row["lights"] for row in found}


async def list_ledger(rows: Rows, communes: Sequence[str]) -> Sequence[Row]:
    """The last year that was played, by street."""
    return await rows.fetch(
        """SELECT commune, street, class, lights, baseline_kwh, led_kwh, static_kwh, adaptive_kwh, static_under_min,
                  adaptive_under_min, played FROM lighting_year_ledger WHERE commune = ANY($1::text[])
           ORDER BY commune, street, class""",
        list(communes),
    )
