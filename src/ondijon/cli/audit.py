"""`ondijon audit verify`: whether the audit log is as it was written, by its chain and by its heads."""

import argparse
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec

from ondijon.cli.audit_record import note_check
from ondijon.cli.places import home_of, read_card
from ondijon.infra.heads_file import HeadsFile
from ondijon.infra.postgres.external import postgres_from
from ondijon.infra.postgres.orphan import find_server
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.kernel.errors import Refused
from ondijon.runtime.audit_witness import AuditVerdict, verify_log


async def run_audit(options: argparse.Namespace) -> None:
    """Print the verdict as JSON; raises Refused with the first line that is not as it was."""
    home = home_of(options.city, options.home)
    async with rows_of(home) as rows:
        verdict = await verify_home(home, rows)
    with suppress(OSError):
        # An auditor who may only read the home checks it all the same.
        note_check(home, verdict.lines, None if verdict.finding is None else verdict.finding.kind)
    print(msgspec.json.encode(verdict).decode(), flush=True)
    refuse_finding(verdict)


async def verify_home(home: Path, rows: PostgresRows) -> AuditVerdict:
    """Check the rows against the heads that lie in `home`; the heads are read first."""
    return await verify_log(rows, list(HeadsFile(home).read()))


def refuse_finding(verdict: AuditVerdict) -> None:
    """Raise Refused when the log is not what it was."""
    if verdict.finding is not None:
        raise Refused(f"error.audit_{verdict.finding.kind}", line_no=verdict.finding.line_no)


def is_up(home: Path) -> bool:
    """Whether a post runs here: one that was killed whole leaves its card, but no server."""
    if not (home / "post.json").exists():
        return False
    server = postgres_from(home, os.environ)
    return not isinstance(server, EmbeddedPostgres) or find_server(server.place.data_dir) is not None


@asynccontextmanager
async def rows_of(home: Path) -> AsyncIterator[PostgresRows]:
    """The rows of a post, running or not; one that does not run gets its database started for the block."""
    if is_up(home):
        async with await PostgresRows.open(read_card(home).database_url, connections=1) as rows:
            yield rows
        return
    server = postgres_from(home, os.environ)
    await server.start()
    try:
        async with await PostgresRows.open(server.post_dsn, connections=1) as rows:
            yield rows
    finally:
        await server.stop()
