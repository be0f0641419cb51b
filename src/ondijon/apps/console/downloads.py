"""What leaves the console as a file: tables that no spreadsheet takes for formulas, and how a file is answered."""

import csv
import io
from collections.abc import Iterable, Sequence

from litestar import Response

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Semicolons between cells, as French spreadsheets read it; words that would be a formula get an apostrophe."""
    written = io.StringIO()
    table = csv.writer(written, delimiter=";")
    table.writerow(head)
    for row in rows:
        table.writerow([f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell for cell in row])
    return written.getvalue().encode()


def answer_file(content: bytes, media_type: str, name: str) -> Response[bytes]:
    """A file to be saved, never kept by a cache; `name` is ours."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
