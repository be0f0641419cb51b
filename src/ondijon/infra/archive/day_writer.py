"""A day's readings are gathered, sorted by DuckDB, written as one Parquet file, and read back before they count."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
from msgspec import Struct

from ondijon.infra.archive.columns import Chunk
from ondijon.infra.archive.lake import flush
from ondijon.kernel.errors import OndijonError

# Small groups of rows, sorted by twin: one light of a day is one group of each file.
ROW_GROUP_ROWS = 30_720
_MEMORY = "512MB"
_COLUMNS = "twin_no, property_no, observed_at, received_at, value, quality"
_TABLE = """CREATE TABLE gathered (
    twin_no INTEGER NOT NULL, property_no SMALLINT NOT NULL, observed_at TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ NOT NULL, value DOUBLE NOT NULL, quality SMALLINT NOT NULL)"""
_SUMMARY = "SELECT count(*), coalesce(sum(hash(twin_no, property_no, observed_at, received_at, value, quality)), 0)"


class BadFile(OndijonError):
    """A file does not hold what was written to it."""


class Written(Struct, frozen=True):
    """How many rows a file has, and of which properties."""

    rows: int
    properties: tuple[int, ...]


class DayWriter:
    """One day on its way to a file; everything here is synchronous and belongs in a thread."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._engine = duckdb.connect(config={"threads": 1, "memory_limit": _MEMORY, "temp_directory": str(scratch)})
        self._engine.execute(_TABLE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.close()

    def gather(self, chunk: Chunk) -> None:
        """Add readings that come from PostgreSQL."""
        self._engine.register("chunk", chunk)
        # DuckDB takes a NaN of numpy's for NULL.
        self._engine.execute(
            """INSERT INTO gathered SELECT twin_no, property_no, make_timestamptz(observed_at),
               make_timestamptz(received_at), coalesce(value, 'NaN'::DOUBLE), quality FROM chunk"""
        )
        self._engine.unregister("chunk")

    def gather_file(self, path: Path) -> None:
        """Add all readings of a file."""
        self._engine.execute(f"INSERT INTO gathered SELECT {_COLUMNS} FROM read_parquet($1)", [str(path)])  # noqa: S608

    def forget(self, properties: Sequence[int]) -> int:
        """Take out what may be kept no longer; returns how many rows."""
        chosen = "DELETE FROM gathered WHERE property_no IN (SELECT unnest($1::SMALLINT[]))"
        (erased,) = self._engine.execute(chosen, [list(properties)]).fetchall()[0]
        return int(erased)

    def write(self, path: Path) -> Written:
        """Write the file, durably; raises BadFile when it does not read back as gathered."""
        sorted_rows = self._engine.sql(
            f"SELECT {_COLUMNS} FROM gathered ORDER BY twin_no, property_no, observed_at, received_at"  # noqa: S608
        )
        sorted_rows.write_parquet(str(path), compression="zstd", row_group_size=ROW_GROUP_ROWS)
        flush(path)
        wanted = self._engine.execute(f"{_SUMMARY} FROM gathered").fetchall()
        found = self._engine.execute(f"{_SUMMARY} FROM read_parquet($1)", [str(path)]).fetchall()
        if wanted != found:
            raise BadFile("error.archive_file_bad", file=path.name)
        numbers = self._engine.execute("SELECT DISTINCT property_no FROM gathered ORDER BY 1").fetchall()
        return Written(int(wanted[0][0]), tuple(number for (number,) in numbers))


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
