"""The SQL of metered nights and proved savings, one query a function."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from ondijon.kernel.ports import Row, Rows, Transaction

Reading = Rows | Transaction


async def list_counter_readings(
    tx: Transaction, property_no: int, twins: Sequence[int], since: datetime, until: datetime
) -> Sequence[Row]:
    """Counters of these twins, by twin and time: the last reading of each 10 minutes, and those around the period."""
    return await tx.fetch(
        """SELECT twin_no, (extract(epoch FROM found.observed_at) * 1e6)::bigint AS at_us, found.value AS kwh
           FROM unnest($2::integer[]) AS wanted (twin_no)
           CROSS JOIN LATERAL (
               (SELECT observed_at, value FROM readings
                WHERE twin_no = wanted.twin_no AND property_no = $1 AND quality = 0 AND observed_at < $3
                    AND observed_at >= $3::timestamptz - interval '30 days'
                ORDER BY observed_at DESC LIMIT 1)
               UNION ALL
               (SELECT observed_at, value FROM (
                   SELECT DISTINCT ON (date_bin('10 minutes', observed_at, $3)) observed_at, value FROM readings
                   WHERE twin_no = wanted.twin_no AND property_no = $1 AND quality = 0
                       AND observed_at >= $3 AND observed_at < $4
                   ORDER BY date_bin('10 minutes', observed_at, $3), observed_at DESC) AS within)
               UNION ALL
               (SELECT observed_at, value FROM readings
                WHERE twin_no = wanted.twin_no AND property_no = $1 AND quality = 0 AND observed_at >= $4
                    AND observed_at < $4::timestamptz + interval '30 days'
                ORDER BY observed_at LIMIT 1)
           ) AS found
           ORDER BY twin_no, found.observed_at""",
        property_no,
        list(twins),
        since,
        until,
    )


async def list_runs(tx: Transaction, since: date) -> Sequence[Row]:
    """How often the nights since a day were rolled up, and where the run under way stands."""
    return await tx.fetch("SELECT night, runs, after_no FROM lighting_night_runs WHERE night >= $1", since)


async def save_run(tx: Transaction, night: date, runs: int, after_no: int) -> None:
    await tx.execute(
        """INSERT INTO lighting_night_runs (night, runs, after_no) VALUES ($1, $2, $3)
           ON CONFLICT (night) DO UPDATE SET runs = excluded.runs, after_no = excluded.after_no""",
        night,
        runs,
        after_no,
    )


async def save_nights(tx: Transaction, rows: Sequence[tuple[int, date, float | None, float]]) -> list[tuple[int, date]]:
    """Metered nights; what is as it was is left alone. Returns the twin and night of each that changed."""
    changed = await tx.fetch(
        """INSERT INTO lighting_cabinet_nights AS kept (twin_no, night, kwh, coverage, source)
           SELECT twin_no, night, kwh, coverage, 'metered'
           FROM unnest($1::integer[], $2::date[], $3::double precision[], $4::real[])
               AS t (twin_no, night, kwh, coverage)
           ON CONFLICT (twin_no, night) DO UPDATE
           SET kwh = excluded.kwh, coverage = excluded.coverage, source = excluded.source
           WHERE (kept.kwh, kept.coverage, kept.source)
               IS DISTINCT FROM (excluded.kwh, excluded.coverage, excluded.source)
           RETURNING twin_no, night""",
        *(list(column) for column in zip(*rows, strict=True)),
    )
    return [(row["twin_no"], row["night"]) for row in changed]


async def list_simulated(reading: Reading, twins: Sequence[int]) -> set[int]:
    """Which of these cabinets have simulated nights."""
    rows = await reading.fetch(
        """SELECT twin_no FROM unnest($1::integer[]) AS wanted (twin_no)
           WHERE EXISTS (SELECT FROM lighting_cabinet_nights n WHERE n.twin_no = wanted.twin_no
               AND n.source = 'simulated')""",
        list(twins),
    )
    return {row["twin_no"] for row in rows}


async def add_simulated_nights(tx: Transaction, rows: Sequence[tuple[int, date, float | None, float]]) -> None:
    """Nights that the simulator made up; a metered one stays."""
    await tx.execute(
        """INSERT INTO lighting_cabinet_nights (twin_no, night, kwh, coverage, source)
           SELECT twin_no, night, kwh, coverage, 'simulated'
           FROM unnest($1::integer[], $2::date[], $3::double precision[], $4::real[])
               AS t (twin_no, night, kwh, coverage)
           ON CONFLICT DO NOTHING""",
        *(list(column) for column in zip(*rows, strict=True)),
    )


async def mark_due(tx: Transaction, pairs: Sequence[tuple[str, int]], now: datetime) -> None:
    """The saving of these communes and years has to be proved again."""
    await tx.execute(
        """INSERT INTO lighting_savings_due (commune, year, since)
           SELECT commune, year, $3 FROM unnest($1::text[], $2::integer[]) AS t (commune, year)
           ON CONFLICT DO NOTHING""",
        [commune for commune, _ in pairs],
        [year for _, year in pairs],
        now,
    )


async def mark_every_year_due(tx: Transaction, commune: str, cabinets: Sequence[int], now: datetime) -> None:
    """Every year that these cabinets have nights of."""
    await tx.execute(
        """INSERT INTO lighting_savings_due (commune, year, since)
           SELECT DISTINCT $1, extract(year FROM night)::integer, $3::timestamptz
           FROM lighting_cabinet_nights WHERE twin_no = ANY($2::integer[])
           ON CONFLICT DO NOTHING""",
        commune,
        list(cabinets),
        now,
    )


async def take_due(tx: Transaction) -> Row | None:
    """The commune and year that has waited longest, taken off the list."""
    return await tx.fetch_one(
        """DELETE FROM lighting_savings_due WHERE (commune, year) = (
               SELECT commune, year FROM lighting_savings_due ORDER BY since, commune, year LIMIT 1)
           RETURNING commune, year"""
    )


async def list_nights(reading: Reading, twins: Sequence[int], since: date, until: date) -> Sequence[Row]:
    """By twin, arrays over its nights of the period: days since its first day, kwh (NULL: unknown), coverage."""
    return await reading.fetch(
        """SELECT twin_no, array_agg(night - $2::date) AS day, array_agg(kwh) AS kwh,
                  array_agg(coverage::double precision) AS coverage, bool_or(source = 'simulated') AS is_simulated
           FROM lighting_cabinet_nights WHERE twin_no = ANY($1::integer[]) AND night BETWEEN $2 AND $3
           GROUP BY twin_no""",
        list(twins),
        since,
        until,
    )


async def list_adjustments(reading: Reading, commune: str) -> Sequence[Row]:
    return await reading.fetch(
        """SELECT a.*, t.urn, t.name AS cabinet_name FROM lighting_energy_adjustments a JOIN twins t
               ON t.twin_no = a.cabinet
           WHERE a.commune = $1 ORDER BY a.from_day, a.id""",
        commune,
    )


async def insert_adjustment(tx: Transaction, values: Sequence[object]) -> None:
    """Columns in the table's order."""
    await tx.execute(
        """INSERT INTO lighting_energy_adjustments (id, cabinet, commune, kind, from_day, until_day, lights, power_w,
               reason, source, entered_at, entered_by)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)""",
        *values,
    )


async def save_saving(
    tx: Transaction, commune: str, year: int, baseline: UUID, now: datetime, content: dict[str, Any]
) -> None:
    await tx.execute(
        """INSERT INTO lighting_savings (commune, year, baseline, proved_at, content) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (commune, year) DO UPDATE
           SET baseline = excluded.baseline, proved_at = excluded.proved_at, content = excluded.content""",
        commune,
        year,
        baseline,
        now,
        content,
    )


async def delete_saving(tx: Transaction, commune: str, year: int) -> None:
    await tx.execute("DELETE FROM lighting_savings WHERE commune = $1 AND year = $2", commune, year)


async def save_cabinet_savings(
    tx: Transaction, twins: Sequence[int], saving_pct: Sequence[float], since: date, until: date
) -> None:
    """Each cabinet's saving of the newest period; an older period leaves a newer one alone."""
    await tx.execute(
        """INSERT INTO lighting_cabinet_savings AS kept (twin_no, saving_pct, since_day, until_day)
           SELECT twin_no, saving_pct, $3, $4
           FROM unnest($1::integer[], $2::double precision[]) AS t (twin_no, saving_pct)
           ON CONFLICT (twin_no) DO UPDATE SET saving_pct = excluded.saving_pct, since_day = excluded.since_day,
               until_day = excluded.until_day
           WHERE kept.until_day <= excluded.until_day""",
        list(twins),
        list(saving_pct),
        since,
        until,
    )


async def list_savings(reading: Reading, communes: Sequence[str]) -> Sequence[Row]:
    """Every proved year of these communes."""
    return await reading.fetch(
        """SELECT commune, year, proved_at, content FROM lighting_savings
           WHERE commune = ANY($1::text[]) ORDER BY year DESC, commune""",
        list(communes),
    )


async def find_saving(reading: Reading, commune: str, year: int) -> Row | None:
    return await reading.fetch_one(
        "SELECT commune, year, baseline, proved_at, content FROM lighting_savings WHERE commune = $1 AND year = $2",
        commune,
        year,
    )
