"""The folder of a city's files while it is read: rows of each file, and the rows left out."""

from pathlib import Path

from ondijon.infra.inventory.mapping import Dataset
from ondijon.infra.inventory.rows import BadRow, CheckedRow, check_rows
from ondijon.infra.inventory.sources import read_rows
from ondijon.kernel.errors import Refused


class SourceFolder:
    """Reads datasets and remembers what it left out; `bad` also takes what later steps find."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.bad: list[BadRow] = []
        self.rows: dict[str, int] = {}

    def read(self, dataset: Dataset) -> list[CheckedRow]:
        """The sound rows of one file; raises Refused when it is missing, broken, or has none."""
        rows = read_rows(dataset, self._folder)
        self.rows[dataset.file] = len(rows)
        sound = check_rows(dataset, rows, self.bad)
        if not sound:
            raise Refused("error.import_nothing_read", file=dataset.file)
        return sound

    def refuse_empty(self) -> None:
        """Raise Refused for a file of which later steps left no row."""
        for file, rows in self.rows.items():
            if rows == sum(bad.file == file for bad in self.bad):
                raise Refused("error.import_nothing_read", file=file)
