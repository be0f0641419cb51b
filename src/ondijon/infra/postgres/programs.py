"""PostgreSQL's own programs beside the server: base backups, their check, and checks of indexes and tables."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from ondijon.infra.postgres.place import Place
from ondijon.kernel.errors import Refused

_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}


async def run_program(bin_dir: Path, program: str, *arguments: str) -> str:
    """Run one to its end; returns what it printed, raises Refused with its last words when it fails."""
    child = await asyncio.create_subprocess_exec(
        str(bin_dir / program),
        *arguments,
        env=_ENVIRONMENT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        printed, _ = await child.communicate()
    except BaseException:
        child.kill()
        await child.wait()
        raise
    words = printed.decode("utf-8", "replace")
    if child.returncode != 0:
        raise Refused("error.postgres_program_failed", program=program, detail=" / ".join(words.splitlines()[-4:]))
    return words


def as_user(place: Place, user: str) -> Sequence[str]:
    """The words by which a program signs in at the server of `place`."""
    return ("--host", str(place.socket_dir), "--username", user, "--no-password")


async def take_base_backup(place: Place, user: str, target: Path) -> None:
    """Copy the whole server into `target` (missing or empty) while it runs, with the log that makes it whole.

    `user` needs the right to replicate. PostgreSQL's own manifest carries SHA-256 of each file.
    """
    words = ["--pgdata", str(target), "--checkpoint", "fast", "--wal-method", "stream"]
    words += ["--manifest-checksums", "SHA256", "--label", "ondijon"]
    await run_program(place.bin_dir, "pg_basebackup", *as_user(place, user), *words)


async def verify_base_backup(bin_dir: Path, folder: Path) -> None:
    """PostgreSQL's own check of a base backup: every file's sum, and every record of its log; raises Refused."""
    await run_program(bin_dir, "pg_verifybackup", "--quiet", str(folder))


async def check_relations(place: Place, user: str, database: str) -> None:
    """amcheck over every table and B-tree index of a running server; raises Refused with what it found."""
    words = ["--database", database, "--install-missing", "--heapallindexed"]
    await run_program(place.bin_dir, "pg_amcheck", *as_user(place, user), *words)
