"""Whatever a forger does to the audit log before its last head is found, also when every hash is made anew."""

import random
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from ondijon.infra.heads_file import HeadsFile
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.audit import GENESIS, AuditHead, AuditLine, chain_hash
from ondijon.kernel.ports import Row, Transaction
from ondijon.runtime.audit_log import append_audit, is_append_only
from ondijon.runtime.audit_witness import AuditWitness, verify_log
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import StillClock

pytestmark = pytest.mark.engines

ACTS = 60
CASES = 20
Forgery = Callable[[random.Random, list[dict[str, Any]], int], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def rows(home: Path, clock: StillClock) -> AsyncIterator[PostgresRows]:
    async with fresh_rows(home, as_owner=True) as found:
        yield found


async def act(rows: PostgresRows, clock: StillClock, count: int) -> None:
    for number in range(count):
        clock.advance(7)
        async with rows.transaction() as tx:
            detail = {"targets": number, "reason": "é \u2028 \\", "level_pct": 33.25}
            await append_audit(tx, clock, UUID(int=number % 3), "command.requested", f"c{number}", detail)


def edit(chance: random.Random, lines: list[dict[str, Any]], last_head: int) -> list[dict[str, Any]]:
    line = lines[chance.randrange(last_head)]
    column, value = chance.choice(
        [
            ("subject", "other"),
            ("act", "other"),
            ("actor", UUID(int=99)),
            ("detail", {}),
            ("at", lines[0]["at"].replace(year=2020)),
        ]
    )
    line[column] = value
    return lines


def delete(chance: random.Random, lines: list[dict[str, Any]], last_head: int) -> list[dict[str, Any]]:
    del lines[chance.randrange(last_head - 1)]
    return lines


def reorder(chance: random.Random, lines: list[dict[str, Any]], last_head: int) -> list[dict[str, Any]]:
    one, other = chance.sample(range(last_head), 2)
    lines[one], lines[other] = lines[other], lines[one]
    return lines


def cut_tail(chance: random.Random, lines: list[dict[str, Any]], last_head: int) -> list[dict[str, Any]]:
    return lines[: chance.randrange(last_head)]


def chain_anew(lines: Sequence[dict[str, Any]]) -> None:
    """What a careful forger does: numbers without a gap, every hash as it should be."""
    previous = GENESIS
    for number, line in enumerate(lines, 1):
        line["line_no"], line["previous_hash"] = number, previous
        line["hash"] = previous = chain_hash(
            AuditLine(number, line["at"], line["actor"], line["act"], line["subject"], line["detail"], previous)
        )


async def forge(tx: Transaction, lines: Sequence[Row]) -> None:
    """Put these lines in the place of the log, as whoever owns the table can."""
    await tx.execute("ALTER TABLE audit DISABLE TRIGGER audit_append_only")
    await tx.execute("DELETE FROM audit")
    columns = ("line_no", "at", "actor", "act", "subject", "detail", "previous_hash", "hash")
    await tx.copy_rows("audit", columns, [[line[key] for key in columns] for line in lines])


async def seen_in_20_cases(rows: PostgresRows, heads: list[AuditHead], forgery: Forgery, *, careful: bool) -> int:
    found = 0
    for seed in range(CASES):
        stored = await rows.fetch("SELECT * FROM audit ORDER BY line_no")
        forged = forgery(random.Random(seed), [dict(line) for line in stored], heads[-1].line_no)
        if careful:
            chain_anew(forged)
        elif forgery is reorder:
            for number, line in enumerate(forged, 1):
                line["line_no"] = number
        try:
            async with rows.transaction() as tx:
                await forge(tx, forged)
                found += (await verify_log(tx, heads)).finding is not None
                raise LookupError
        except LookupError:
            pass
    return found


async def test_edit_delete_reorder_and_cut_tail_are_found_20_times_of_20_even_when_every_hash_is_made_anew(
    rows: PostgresRows, clock: StillClock
) -> None:
    heads: list[AuditHead] = []
    witness = AuditWitness(rows, clock, heads.append)
    for _ in range(4):
        await act(rows, clock, ACTS // 4)
        await witness.look()
    await act(rows, clock, 3)
    whole = await verify_log(rows, heads)
    assert (whole.finding, whole.lines, whole.heads, whole.beyond_last_head) == (None, ACTS + 3, 4, 3)
    for forgery in (edit, delete, reorder, cut_tail):
        for careful in (False, True):
            assert await seen_in_20_cases(rows, heads, forgery, careful=careful) == CASES, (forgery, careful)


async def test_a_head_is_written_after_each_act_and_each_minute_and_only_then(
    rows: PostgresRows, clock: StillClock, tmp_path: Path
) -> None:
    file = HeadsFile(tmp_path)
    witness = AuditWitness(rows, clock, file.append)
    assert await witness.look() is None
    await act(rows, clock, 2)
    assert await witness.look() is not None
    assert await witness.look() is None
    clock.advance(59)
    assert await witness.look() is None
    clock.advance(1)
    assert await witness.look() is not None
    await act(rows, clock, 1)
    await witness.look()
    assert [head.line_no for head in file.read()] == [2, 2, 3]


async def test_a_log_that_was_cut_and_grew_again_is_found(rows: PostgresRows, clock: StillClock) -> None:
    heads: list[AuditHead] = []
    witness = AuditWitness(rows, clock, heads.append)
    await act(rows, clock, 5)
    await witness.look()
    async with rows.transaction() as tx:
        await tx.execute("ALTER TABLE audit DISABLE TRIGGER audit_append_only")
        await tx.execute("DELETE FROM audit WHERE line_no > 3")
    await act(rows, clock, 2)
    # The witness goes on with what the forger left: the first head of a line is the one that binds.
    await witness.look()
    await act(rows, clock, 1)
    await witness.look()
    finding = (await verify_log(rows, heads)).finding
    assert finding is not None and (finding.line_no, finding.kind) == (5, "rewritten")


async def test_a_restore_takes_back_the_heads_of_lines_that_its_backup_did_not_know(
    rows: PostgresRows, clock: StillClock
) -> None:
    heads: list[AuditHead] = []
    witness = AuditWitness(rows, clock, heads.append)
    await act(rows, clock, 5)
    await witness.look()
    third = await rows.fetch_one("SELECT line_no, hash FROM audit WHERE line_no = 3")
    assert third is not None
    async with rows.transaction() as tx:
        await tx.execute("ALTER TABLE audit DISABLE TRIGGER audit_append_only")
        await tx.execute("DELETE FROM audit WHERE line_no > 3")
    heads.append(AuditHead(3, third["hash"].hex(), clock.now(), restored=True))
    await act(rows, clock, 4)
    verdict = await verify_log(rows, heads)
    assert (verdict.finding, verdict.restores, verdict.lines) == (None, 1, 7)


async def test_the_posts_own_role_adds_lines_and_can_do_nothing_else_to_them(home: Path, clock: StillClock) -> None:
    async with fresh_rows(home) as rows:
        await act(rows, clock, 1)
        assert await is_append_only(rows)
        for sql in (
            "UPDATE audit SET act = 'other'",
            "DELETE FROM audit",
            "TRUNCATE audit",
            "DROP TABLE audit",
            "ALTER TABLE audit DISABLE TRIGGER audit_append_only",
            "SELECT 1 FROM audit FOR UPDATE",
            "DROP TRIGGER audit_append_only ON audit",
            "SET ROLE ondijon",
            "DELETE FROM logbook_lines",
            "UPDATE schema_migrations SET name = 'x'",
            "CREATE TABLE mine ()",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await rows.execute(sql)


async def test_the_tables_owner_is_told_apart_from_a_role_that_only_adds(rows: PostgresRows) -> None:
    assert not await is_append_only(rows)
