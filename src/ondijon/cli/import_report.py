"""What an import says of itself: files, rows left out, how well objects stand and hang, and what changed."""

import csv
import io
import json
import sys
from pathlib import Path

import msgspec

from ondijon.cli.places import PACKAGE
from ondijon.infra.inventory import BadRow, ImportResult
from ondijon.infra.inventory.quality import FAR_M, LARGEST_GROUP, SMALLEST_GROUP, Quality
from ondijon.kernel.errors import Refused
from ondijon.runtime.city_store import ImportCount

MOST_BAD_ROWS_SHOWN = 20


def print_reading(result: ImportResult) -> None:
    """Files and quality on standard output, the first bad rows on standard error."""
    kept = result.counts
    print(f"{'file':<40}{'rows':>9}{'kept':>9}{'refused':>9}")
    for file, rows in result.rows.items():
        print(f"{file:<40}{rows:>9}{kept[file]:>9}{rows - kept[file]:>9}")
    for one in result.quality:
        print(_quality_words(one))
    words = _reasons()
    for bad in result.bad_rows[:MOST_BAD_ROWS_SHOWN]:
        print(f"refused: {bad.file} row {bad.row} field {bad.field}: {words[bad.reason]}", file=sys.stderr)
    if len(result.bad_rows) > MOST_BAD_ROWS_SHOWN:
        print(f"... and {len(result.bad_rows) - MOST_BAD_ROWS_SHOWN} more; all with --report FILE", file=sys.stderr)


def print_changes(counts: dict[str, ImportCount], refused: int) -> None:
    """What was created, changed, left and retired, by kind and in all."""
    print(f"{'kind':<30}{'created':>10}{'changed':>10}{'unchanged':>10}{'retired':>10}")
    for kind, count in counts.items():
        print(f"{kind:<30}{count.created:>10}{count.changed:>10}{count.unchanged:>10}{count.retired:>10}")
    whole = sum(counts.values(), ImportCount())
    print(
        f"created {whole.created}, changed {whole.changed}, unchanged {whole.unchanged}, "
        f"retired {whole.retired}, refused {refused}"
    )


def write_report(path: Path, city: str, result: ImportResult) -> None:
    """All bad rows as CSV, or with files and quality as JSON, by the file's ending; raises Refused."""
    text = _as_json(city, result) if path.suffix == ".json" else _as_csv(result.bad_rows)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused("error.import_report", file=str(path), reason=str(error)) from error


def _as_json(city: str, result: ImportResult) -> str:
    kept = result.counts
    files = {file: {"rows": rows, "kept": kept[file]} for file, rows in result.rows.items()}
    report = {"city": city, "files": files, "quality": result.quality, "bad_rows": result.bad_rows}
    return msgspec.json.format(msgspec.json.encode(report), indent=1).decode()


def _as_csv(bad_rows: list[BadRow]) -> str:
    words = _reasons()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("file", "row", "field", "reason", "words"))
    writer.writerows((bad.file, bad.row, bad.field, bad.reason, words[bad.reason]) for bad in bad_rows)
    return out.getvalue()


def _quality_words(one: Quality) -> str:
    spread, groups = one.spread, one.groups
    said = (
        f"{one.type}: {one.twins}, to their street {spread.median_m:g} m (median), {spread.p95_m:g} m (95 %), "
        f"{spread.most_m:g} m (most); {spread.far} without a street within {FAR_M:g} m"
    )
    if groups is None:
        return said
    return (
        f"{said}; {groups.number} cabinets of {groups.least} to {groups.most}, median {groups.median:g}; "
        f"{groups.under} under {SMALLEST_GROUP}, {groups.over} over {LARGEST_GROUP}"
    )


def _reasons() -> dict[str, str]:
    words = json.loads((PACKAGE / "infra/inventory/strings.en.json").read_text("utf-8"))
    return {key.removeprefix("import."): text for key, text in words.items() if key.startswith("import.")}
