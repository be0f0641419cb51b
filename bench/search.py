"""Milliseconds (p99) to find and load a page of 100 lines among a million of the logbook, with the asker's rights."""

# A database of its own with the logbook as the migrations make it, its lines sealed by the logbook's own code, and
# their words drawn so that some stand in most lines, some in one season only, some in a handful. Five people ask: one
# sees everything, one a single trade everywhere, two a commune (a large, a tiny one), one half of all trades and
# communes. Two ask at a time, each question also from somewhere deep in the past. The worst are in the mix on purpose:
# words that stand everywhere but seldom together, phrases whose words are everywhere but never side by side, words of a
# season long past, nothing found at all.

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import ondijon
from bench.stage import publish
from ondijon.control_room.logbook.desk.finding import Asked, find_lines
from ondijon.control_room.logbook.model import EMPTY, Draft, Kind, Line, seal
from ondijon.control_room.logbook.queries import reading, writing
from ondijon.control_room.logbook.rules.search import Filters, Reach
from ondijon.infra.clocks import SystemClock
from ondijon.infra.postgres.migrate import find_sources, migrate
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.infra.postgres.server import EmbeddedPostgres

LINES, LIMIT_MS, PAGE = 1_000_000, 300.0, 100
SEED = 21231
BATCH = 20_000
ASKING_AT_ONCE = 2
START = datetime(2023, 1, 1, tzinfo=UTC)
EVERY = timedelta(seconds=95)

TRADES = ["lighting", "traffic", "waste", "calls", "winter", "fleet", "logbook", "platform"]
TRADE_SHARES = [46, 18, 12, 10, 5, 4, 3, 2]
COMMUNES = [f"21{number:03d}" for number in range(160, 184)]
COMMUNE_SHARES = [48, *([4] * 8), *([1.5] * 10), 0.5, 0.2, 0.1, 0.05, 0.01]
COMMON = "lampe armoire rue équipe départ signalée éteinte secteur avenue place commune intervention".split()
USUAL = (
    "carrefour feux panne coupure arrivée patrouille benne sel véhicule appel riverain fuite tranchée barrière école"
    " tramway pont tunnel câble disjoncteur capteur caméra radio relève consigne rappel astreinte gestionnaire réseau"
    " quai marché fête concert cortège stationnement borne parking piéton vélo chantier nacelle groupe électrogène"
).split()
SEASON = "verglas"
SYLLABLES = [consonant + vowel for consonant in "bcdfglmnprst" for vowel in "aio"]


def word_of(number: int) -> str:
    """A pronounceable word for each number: the long tail of names."""
    parts = []
    for _ in range(4):
        number, rest = divmod(number, len(SYLLABLES))
        parts.append(SYLLABLES[rest])
    return "".join(parts).capitalize()


def texts(draw: random.Random) -> Iterator[tuple[Kind, str]]:
    """Sentences of 8 to 16 words; the frequency of rare names falls as their rank rises."""
    line = 0
    while True:
        line += 1
        words = draw.sample(COMMON[2:], draw.randint(3, 6)) + draw.choices(USUAL, k=draw.randint(2, 5))
        words += [word_of(int(draw.paretovariate(0.7)) % 400_000) for _ in range(2)]
        draw.shuffle(words)
        # `lampe` begins nearly every line and `armoire` ends it: both everywhere, side by side nowhere.
        if draw.random() < 0.8:
            words = ["lampe", *words, "armoire"]
        if line // (LINES // 12) in (1, 5):
            words.insert(2, SEASON)
        kind: Kind = "automatic" if draw.random() < 0.7 else "free"
        yield kind, f"{' '.join(words).capitalize()} A-{line % 700}, {draw.randint(1, 99)}."


def drafts(draw: random.Random, count: int) -> Iterator[Draft]:
    telling = texts(draw)
    trades = draw.choices(TRADES, TRADE_SHARES, k=count)
    communes = draw.choices(COMMUNES, COMMUNE_SHARES, k=count)
    for number in range(count):
        kind, text = next(telling)
        at = START + number * EVERY
        subject = f"incident:{UUID(int=number // 40)}" if number % 5 == 0 else None
        yield Draft(at, kind, text, trades[number], communes[number], subject, "card.raised")


async def fill(rows: PostgresRows, count: int) -> None:
    """Write the lines in order; the index over their words is made at the end, which is faster."""
    async with rows.connection() as connection:
        index = await connection.fetchval("SELECT pg_get_indexdef('logbook_by_words'::regclass)")
        await connection.execute("DROP INDEX logbook_by_words")
    draw, last, waiting = random.Random(SEED), EMPTY, []
    for number, draft in enumerate(drafts(draw, count), 1):
        waiting.append(seal(last, draft, UUID(int=number)))
        last = waiting[-1].seal
        if len(waiting) == BATCH or number == count:
            await write(rows, waiting)
            waiting = []
    async with rows.connection() as connection, connection.transaction():
        await connection.execute("SET LOCAL maintenance_work_mem = '1GB'")
        await connection.execute(index, timeout=1_200)
    await rows.execute("ALTER INDEX logbook_by_words ALTER COLUMN 1 SET STATISTICS 0")
    async with rows.connection() as connection:
        await connection.execute("VACUUM ANALYZE logbook_lines, logbook_texts", timeout=600)


async def write(rows: PostgresRows, lines: Sequence[Line]) -> None:
    async with rows.transaction() as tx:
        await writing.insert_lines(tx, lines)
        await writing.widen_buckets(tx, lines)


def questions(draw: random.Random, lines: int) -> dict[str, list[Asked]]:
    """What is asked, by kind."""
    end = START + lines * EVERY
    some_day = [START + draw.random() * (end - START) for _ in range(12)]
    rare = [word_of(int(draw.paretovariate(0.7)) % 400_000) for _ in range(30)]
    return {
        "newest": [Asked()] * 4,
        "deep page": [Asked(before=draw.randrange(lines)) for _ in range(8)],
        "common word": [Asked(word) for word in COMMON],
        "common words": [Asked(" ".join(draw.sample(COMMON, 3))) for _ in range(10)],
        "usual words": [Asked(" ".join(draw.sample(USUAL, 2))) for _ in range(16)],
        "seldom together": [Asked(" ".join(draw.sample(USUAL, 4))) for _ in range(8)],
        "rare name": [Asked(word) for word in rare],
        "number": [Asked(f"A-{draw.randrange(700)}") for _ in range(8)],
        "nothing": [Asked("Xylophone"), Asked("lampe xylophone"), Asked("verglas xylophone armoire")],
        "past season": [Asked(SEASON), Asked(f"{SEASON} nacelle"), Asked(f'"{SEASON} armoire"')],
        "phrase": [Asked(f'"{a} {b}"') for a, b in zip(USUAL[::2], USUAL[1::2], strict=False)][:10],
        "phrase nowhere": [Asked('"armoire lampe"'), Asked('"lampe rue armoire"'), Asked('lampe "armoire lampe"')],
        "all but": [Asked("lampe -armoire"), Asked("-lampe -armoire -rue"), Asked('-"rue équipe" armoire')],
        "unaccented": [Asked("equipe depart"), Asked("cable electrogene"), Asked("signalees eteintes")],
        "one day": [Asked("lampe", since=day, until=day + timedelta(days=1)) for day in some_day],
        "one month": [Asked("fuite", since=day, until=day + timedelta(days=30)) for day in some_day],
        "period alone": [Asked(since=day, until=day + timedelta(days=2)) for day in some_day],
        "filtered": [Asked(filters=Filters("free", "winter")), Asked("sel", Filters(trade="winter"))]
        + [Asked("lampe", Filters(commune=insee)) for insee in COMMUNES[-4:]],
        "subject": [Asked(filters=Filters(subject=f"incident:{UUID(int=draw.randrange(lines // 40))}"))] * 3,
    }


REACHES = {
    "everything": Reach(everything=True),
    "one trade": Reach(trades=("traffic",)),
    "one commune": Reach(pairs=(("lighting", COMMUNES[5]), ("winter", COMMUNES[5]))),
    "small commune": Reach(pairs=(("lighting", COMMUNES[-1]),)),
    "half the communes": Reach(pairs=tuple((trade, insee) for trade in TRADES[:6] for insee in COMMUNES[::2])),
}


async def ask(rows: PostgresRows, asked: Asked, reach: Reach) -> tuple[float, int]:
    """Milliseconds, and how many lines came."""
    started = time.perf_counter()
    found = await find_lines(rows, asked, reach, PAGE + 1)
    lines = await reading.list_lines(rows, found[:PAGE])
    return (time.perf_counter() - started) * 1_000, len(lines)


def with_next_page(asked: Asked, draw: random.Random, lines: int) -> list[Asked]:
    deep = asked.before or draw.randrange(lines // 2, lines)
    return [asked, Asked(asked.words, asked.filters, asked.since, asked.until, deep)]


async def measure(rows: PostgresRows, lines: int, rounds: int) -> list[dict[str, Any]]:
    draw = random.Random(SEED + 1)
    waiting = [
        (kind, name, each)
        for kind, asked in questions(draw, lines).items()
        for one in asked
        for name in REACHES
        for each in with_next_page(one, draw, lines)
    ] * rounds
    draw.shuffle(waiting)
    samples: list[dict[str, Any]] = []

    async def asker() -> None:
        while waiting:
            kind, name, asked = waiting.pop()
            ms, count = await ask(rows, asked, REACHES[name])
            samples.append({"kind": kind, "who": name, "words": asked.words, "ms": round(ms, 2), "lines": count})

    await asyncio.gather(*(asker() for _ in range(ASKING_AT_ONCE)))
    return samples


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def main(lines: int, rounds: int) -> None:
    """Fill, warm up by one round, measure."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="ondijon-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        async with EmbeddedPostgres(home) as server:
            await migrate(server.dsn, find_sources(Path(ondijon.__file__).parent), SystemClock())
            async with await PostgresRows.open(server.dsn) as rows:
                await fill(rows, lines)
                filled_s = time.perf_counter() - started
                size = await rows.fetch_one(
                    """SELECT pg_relation_size('logbook_by_words') / 1048576 AS index_mib,
                              pg_total_relation_size('logbook_texts') / 1048576 AS texts_mib,
                              pg_total_relation_size('logbook_lines') / 1048576 AS lines_mib"""
                )
                assert size is not None
                print(f"filled in {filled_s:.0f} s: {dict(size)}", file=sys.stderr)
                samples = await measure(rows, lines, rounds)
    times = [one["ms"] for one in samples]
    kinds = sorted({one["kind"] for one in samples})
    by_kind = {kind: percentile([s["ms"] for s in samples if s["kind"] == kind], 0.99) for kind in kinds}
    by_who = {who: percentile([s["ms"] for s in samples if s["who"] == who], 0.99) for who in REACHES}
    value = percentile(times, 0.99)
    line = {
        "value": round(value, 1),
        "unit": "ms",
        "limit": LIMIT_MS,
        "ratio": round(value / LIMIT_MS, 3),
        "seconds": round(time.perf_counter() - started, 1),
        "lines": lines,
        "questions": len(times),
        "median_ms": round(statistics.median(times), 1),
        "worst_ms": max(times),
        "p99_by_kind_ms": by_kind,
        "p99_by_who_ms": by_who,
        **dict(size),
    }
    publish("search", line, {"samples": samples})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=LINES)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    asyncio.run(main(options.lines, options.rounds))
