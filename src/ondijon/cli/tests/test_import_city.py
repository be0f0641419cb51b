"""`ondijon city import` stores all or nothing, and says by its exit code and its words which."""

import asyncio
import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ondijon.cli import main
from ondijon.infra.inventory.mapping import read_mapping
from ondijon.infra.inventory.tests.conftest import CITY, write_communes, write_lights, write_streets
from ondijon.infra.inventory.tests.corruption import cases
from ondijon.infra.inventory.tests.whole_town import datasets_of, furnish
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.testing.database import database_home

pytestmark = pytest.mark.engines
TABLES = ("city", "communes", "streets", "addresses", "crossings", "twins")
Words = pytest.CaptureFixture[str]


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A city folder that is its own source, with a file of every kind."""
    folder = tmp_path / "smallville"
    folder.mkdir()
    (folder / "city.toml").write_text(CITY, encoding="utf-8")
    for write in (write_communes, write_streets, write_lights, furnish):
        write(folder)
    monkeypatch.setattr("ondijon.cli.places.CITIES", tmp_path)
    return folder


@pytest.fixture
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


def run(town: Path, home: Path, *more: str) -> int:
    return main(["city", "import", "smallville", "--from", str(town), "--home", str(home), *more])


async def contents(home: Path) -> dict[str, list[str]]:
    async with EmbeddedPostgres(home) as server, await PostgresRows.open(server.dsn) as rows:
        found = {}
        for table in TABLES:
            lines = await rows.fetch(f"SELECT t::text AS line FROM {table} t")  # noqa: S608 (names of this test)
            found[table] = sorted(line["line"] for line in lines)
        return found


def test_counts_twice_the_second_time_all_unchanged(town: Path, home: Path, capsys: Words) -> None:
    assert run(town, home) == 0
    first = capsys.readouterr().out
    assert "counts.csv                                      9        7        2" in first
    assert "created 158, changed 0, unchanged 0, retired 0, refused 2" in first
    assert run(town, home) == 0
    assert "created 0, changed 0, unchanged 158, retired 0, refused 2" in capsys.readouterr().out


def test_every_bad_row_is_in_the_report_whatever_its_form(town: Path, home: Path, tmp_path: Path) -> None:
    assert run(town, home, "--report", str(tmp_path / "bad.csv")) == 0
    rows = list(csv.DictReader((tmp_path / "bad.csv").read_text(encoding="utf-8").splitlines()))
    assert [(row["file"], row["row"], row["reason"]) for row in rows] == [
        ("counts.csv", "8", "spoiled_count"),
        ("counts.csv", "9", "unknown_street"),
    ]
    assert run(town, home, "--report", str(tmp_path / "bad.json")) == 0
    report = json.loads((tmp_path / "bad.json").read_text(encoding="utf-8"))
    assert report["files"]["counts.csv"] == {"rows": 9, "kept": 7}
    assert [bad["row"] for bad in report["bad_rows"]] == [8, 9]
    assert report["quality"][0]["type"] == "Streetlight"


def test_strict_stores_nothing_when_a_row_has_to_be_left_out(town: Path, home: Path, capsys: Words) -> None:
    assert run(town, home, "--strict") == 1
    assert "error.import_bad_rows" in capsys.readouterr().err
    assert list(home.iterdir()) == []


def test_a_report_that_cannot_be_written_refuses_the_import(town: Path, home: Path, tmp_path: Path) -> None:
    assert run(town, home, "--report", str(tmp_path / "no" / "such" / "folder.csv")) == 1


def test_no_broken_file_changes_anything_and_each_is_named(town: Path, home: Path, capsys: Words) -> None:
    assert run(town, home) == 0
    before = asyncio.run(contents(home))
    for dataset, corrupt in cases(datasets_of(read_mapping(town)[1])):
        path = town / dataset.file
        sound = path.read_bytes()
        corrupt(path, dataset)
        capsys.readouterr()
        assert run(town, home) == 1, (dataset.file, corrupt.__name__)
        said = capsys.readouterr()
        assert dataset.file in said.err and "created" not in said.out
        path.write_bytes(sound)
    assert asyncio.run(contents(home)) == before


def test_half_the_lights_are_not_taken_out_unless_said_so(town: Path, home: Path, capsys: Words) -> None:
    assert run(town, home) == 0
    write_lights(town, [((700_000.0 - 743 + 15 * row, 6_600_005.0), ("LANTERNE",)) for row in range(30)])
    assert run(town, home) == 1
    assert "--accept-losses" in capsys.readouterr().err
    assert run(town, home, "--accept-losses") == 0
