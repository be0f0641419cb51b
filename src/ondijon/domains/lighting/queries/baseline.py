"""The SQL of baselines, one query a function."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import astuple

from ondijon.domains.lighting.rules.baseline import BaselineLine, Terms
from ondijon.kernel.ports import Row, Rows, Transaction

Reading = Rows | Transaction


async def list_standing_terms(tx: Transaction) -> Sequence[Row]:
    """By commune, the file's words that its standing baseline came from (NULL: a person's own)."""
    return await tx.fetch("SELECT commune, terms FROM lighting_baselines WHERE state = 'standing'")


async def lock_commune(tx: Transaction, commune: str) -> int:
    """The last version of a commune's baselines, 0 without any; nobody else adds one before the transaction ends."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtext('lighting_baselines ' || $1))", commune)
    row = await tx.fetch_one(
        "SELECT coalesce(max(version), 0) AS version FROM lighting_baselines WHERE commune = $1", commune
    )
    return 0 if row is None else int(row["version"])


async def insert_baseline(
    tx: Transaction,
    baseline: UUID,
    place: tuple[str, int, str],
    terms: Terms,
    said: Sequence[object],
    by: UUID,
    now: datetime,
) -> None:
    """place: commune, version and state; said: source, inferred, reason, and the file's terms or None."""
    await tx.execute(
        """INSERT INTO lighting_baselines (id, commune, version, state, valid_from, metered_from, metered_until,
               on_offset_min, off_offset_min, hours_h, eur_per_kwh, eur_source, goal_pct, goal_source, source, inferred,
               reason, terms, proposed_by, proposed_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)""",
        baseline,
        *place,
        *astuple(terms),
        *said,
        by,
        now,
    )


async def insert_lines(tx: Transaction, baseline: UUID, lines: Sequence[BaselineLine]) -> None:
    await tx.copy_rows(
        "lighting_baseline_lines",
        ("baseline", "cabinet", "family", "power_w", "ballast_factor", "lights"),
        [(baseline, one.cabinet, one.family, one.power_w, one.ballast_factor, one.lights) for one in lines],
    )


async def supersede(tx: Transaction, commune: str) -> None:
    """The commune's standing baseline stands no longer; it stays."""
    await tx.execute(
        "UPDATE lighting_baselines SET state = 'superseded' WHERE commune = $1 AND state = 'standing'", commune
    )


async def decide(tx: Transaction, baseline: UUID, state: str, by: UUID, now: datetime) -> None:
    await tx.execute(
        "UPDATE lighting_baselines SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1",
        baseline,
        state,
        by,
        now,
    )


async def lock_proposed(tx: Transaction, baseline: UUID) -> Row | None:
    """A baseline that waits for a second person."""
    return await tx.fetch_one(
        "SELECT * FROM lighting_baselines WHERE id = $1 AND state = 'proposed' FOR UPDATE", baseline
    )


async def find_standing(reading: Reading, commune: str) -> Row | None:
    return await reading.fetch_one(
        "SELECT * FROM lighting_baselines WHERE commune = $1 AND state = 'standing'", commune
    )


async def list_versions(reading: Reading, commune: str) -> Sequence[Row]:
    """Every version of a commune's baseline, newest first, with the names of who proposed and decided."""
    return await reading.fetch(
        """SELECT b.*, proposer.name AS proposed_by_name, decider.name AS decided_by_name,
                  coalesce(sum(line.lights), 0)::integer AS lights,
                  coalesce(sum(line.lights * line.power_w * line.ballast_factor), 0) / 1000 AS load_kw
           FROM lighting_baselines b LEFT JOIN lighting_baseline_lines line ON line.baseline = b.id
               LEFT JOIN users proposer ON proposer.pseudonym = b.proposed_by
               LEFT JOIN users decider ON decider.pseudonym = b.decided_by
           WHERE b.commune = $1 GROUP BY b.id, proposer.name, decider.name ORDER BY b.version DESC""",
        commune,
    )


async def list_lines(reading: Reading, baseline: UUID) -> Sequence[Row]:
    return await reading.fetch(
        """SELECT cabinet, family, power_w, ballast_factor, lights FROM lighting_baseline_lines
           WHERE baseline = $1 ORDER BY cabinet, family""",
        baseline,
    )


async def sum_families(reading: Reading, baseline: UUID) -> Sequence[Row]:
    """A baseline's lights by family."""
    return await reading.fetch(
        """SELECT family, power_w, ballast_factor, sum(lights)::integer AS lights FROM lighting_baseline_lines
           WHERE baseline = $1 GROUP BY family, power_w, ballast_factor ORDER BY power_w, family""",
        baseline,
    )
