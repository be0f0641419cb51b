"""What leaves the console as a file: tables that no spreadsheet takes for formulas, and how a file is answered."""

import csv
import io
from collections.abc import Iterable, Sequence

from litestar import Response

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plain_words(cell: str) -> str:
    """The words with an apostrophe before them where a spreadsheet would take them for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def write_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Semicolons between cells, as French spreadsheets read it; words that would be a formula get an apostrophe."""
    written = io.StringIO()
    table = csv.writer(written, delimiter=";")
    table.writerow(head)
    for row in rows:
        table.writerow([plain_words(cell) if isinstance(cell, str) else cell for cell in row])
    return written.getvalue().encode()


def answer_file(content: bytes, media_type: str, name: str) -> Response[bytes]:
    """A file to be saved, never kept by a cache; `name` is ours."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
