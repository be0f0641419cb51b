"""A home comes back from its backup whole, and from a backup with one wrong bit not at all."""

import asyncio
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from ondijon.cli.backup import DATABASE, check, find_backup, restore, source_of, try_restore
from ondijon.cli.prepare import make_tables
from ondijon.infra.backup.keep import keep_newest, read_deeds
from ondijon.infra.backup.lake_mirror import mirror_lake
from ondijon.infra.backup.manifest import (
    MANIFEST_NAME,
    SUM_NAME,
    UNFINISHED,
    find_damage,
    list_backups,
    list_damage,
    read_manifest,
    write_manifest,
)
from ondijon.infra.backup.take import take_backup
from ondijon.infra.clocks import SystemClock
from ondijon.infra.heads_file import HeadsFile
from ondijon.infra.nats.server import EmbeddedNats
from ondijon.infra.postgres.born import BORN_NAME, RESTORING_NAME, read_birth
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.identity import THE_POST
from ondijon.runtime.audit_log import append_audit
from ondijon.runtime.audit_witness import AuditWitness
from ondijon.testing.database import database_home

pytestmark = pytest.mark.engines

FLIPS = 100


@dataclass(frozen=True)
class Stage:
    """A home that lived, and a backup of it."""

    root: Path
    home: Path
    backup: Path

    def fresh(self, name: str) -> Path:
        """An empty folder that the database's own user may enter."""
        folder = self.root / name
        folder.mkdir(mode=0o711)
        return folder


async def act(rows: PostgresRows, subject: str) -> None:
    async with rows.transaction() as tx:
        await append_audit(tx, SystemClock(), THE_POST.pseudonym, "test.done", subject, {})


@pytest.fixture(scope="module")
def root() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture(scope="module")
def stage(root: Path) -> Stage:
    return asyncio.run(live_and_back_up(root))


async def live_and_back_up(root: Path) -> Stage:
    home = root / "lived"
    home.mkdir(mode=0o711)
    (home / "oidc.toml").write_text("issuer = 'x'", "utf-8")
    (home / "archive.toml").write_text(f'folder = "{root}/elsewhere"\nhot_days = 40\n', "utf-8")
    (root / "elsewhere").mkdir()
    (root / "elsewhere" / "day.parquet").write_bytes(b"PAR1" * 64)
    clock = SystemClock()
    async with EmbeddedPostgres(home) as server:
        await make_tables(server, clock)
        async with await PostgresRows.open(server.post_dsn, connections=1) as rows:
            await act(rows, "before")
            await AuditWitness(rows, clock, HeadsFile(home).append).look()
    async with source_of("dijon", home) as source:
        backup = await take_backup(source, root / "kept")
    return Stage(root, home, backup)


def flip(path: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


async def test_a_home_comes_back_with_rows_broker_files_and_an_audit_log_that_goes_on(stage: Stage) -> None:
    home = stage.fresh("again")
    verdict = await restore(stage.backup, await check(stage.backup), home, None)
    assert (verdict.finding, verdict.lines, verdict.restores) == (None, 2, 1)
    assert (home / "oidc.toml").read_text("utf-8") == "issuer = 'x'"
    assert (home / "lake" / "day.parquet").read_bytes() == b"PAR1" * 64
    assert (home / "archive.toml").read_text("utf-8") == "hot_days = 40\n"
    first, again = read_birth(stage.home), read_birth(home)
    assert first is not None and again is not None and first.incarnation != again.incarnation
    async with EmbeddedPostgres(home) as server, await PostgresRows.open(server.post_dsn, connections=1) as rows:
        lines = await rows.fetch("SELECT act, subject FROM audit ORDER BY line_no")
    assert [tuple(line) for line in lines] == [("test.done", "before"), ("post.restored", stage.backup.name)]
    former, now = (stage.home / "nats/secrets.json").read_bytes(), (home / "nats/secrets.json").read_bytes()
    assert former == now


async def test_a_hundred_flipped_bits_are_a_hundred_found(stage: Stage) -> None:
    backup = stage.root / "flipped"
    shutil.copytree(stage.backup, backup)
    parts = [part for part in read_manifest(backup).parts if part.size]
    chance = random.Random(20261128)
    found = 0
    for _ in range(FLIPS):
        part = chance.choices(parts, [one.size for one in parts])[0]
        whole = (backup / part.path).read_bytes()
        flip(backup / part.path, chance)
        found += find_damage(backup, part) is not None
        (backup / part.path).write_bytes(whole)
    assert found == FLIPS
    for part in chance.sample(parts, FLIPS):
        flip(backup / part.path, chance)
    assert len(list(list_damage(backup, parts))) >= FLIPS
    home = stage.root / "never"
    with pytest.raises(Refused, match=r"error\.backup_damaged"):
        await check(backup)
    assert not home.exists()


@pytest.mark.parametrize("name", [MANIFEST_NAME, SUM_NAME])
def test_a_wrong_bit_in_the_manifest_or_in_its_sum_is_found_wherever_it_is(stage: Stage, name: str) -> None:
    backup = stage.root / f"manifest-{name}"
    backup.mkdir()
    for one in (MANIFEST_NAME, SUM_NAME):
        shutil.copyfile(stage.backup / one, backup / one)
    chance = random.Random(1)
    whole = (backup / name).read_bytes()
    for _ in range(20):
        flip(backup / name, chance)
        with pytest.raises(Refused, match=r"error\.backup_manifest_damaged"):
            read_manifest(backup)
        (backup / name).write_bytes(whole)


def test_a_file_that_is_missing_or_does_not_belong_there_is_found(stage: Stage) -> None:
    backup = stage.root / "fewer"
    shutil.copytree(stage.backup, backup)
    (backup / "home/oidc.toml").unlink()
    (backup / "postgres/base/extra").write_bytes(b"")
    damage = {one.path: one.kind for one in list_damage(backup, read_manifest(backup).parts)}
    assert damage == {"home/oidc.toml": "missing", "postgres/base/extra": "unknown"}


def test_an_unfinished_backup_is_none(stage: Stage, tmp_path: Path) -> None:
    shutil.copytree(stage.backup / "broker", tmp_path / "20261128T000000Z.unfinished" / "broker")
    with pytest.raises(NotFound, match=r"error\.backup_not_found"):
        find_backup(tmp_path, None)
    with pytest.raises(NotFound):
        find_backup(stage.root / "kept", datetime(2020, 1, 1, tzinfo=UTC))


async def test_a_restore_never_overwrites_and_half_a_restore_never_starts(stage: Stage) -> None:
    manifest = await check(stage.backup)
    with pytest.raises(Refused, match=r"error\.restore_home_not_empty"):
        await restore(stage.backup, manifest, stage.home, None)
    half = stage.fresh("half")
    (half / RESTORING_NAME).touch()
    with pytest.raises(Refused, match=r"error\.home_half_restored"):
        await EmbeddedPostgres(half).start()
    assert not (half / "postgres" / "data").exists()


async def test_a_backup_does_not_lie_in_its_own_home(stage: Stage) -> None:
    async with source_of("dijon", stage.home) as source:
        with pytest.raises(Refused, match=r"error\.backup_inside_home"):
            await take_backup(source, stage.home / "backups")


@pytest.mark.parametrize("wound", ["data", "data/PG_VERSION", "data/global/pg_control", "data/base"])
async def test_a_damaged_home_is_refused_with_a_word_and_never_starts_empty(stage: Stage, wound: str) -> None:
    home = stage.fresh(f"wounded-{wound.replace('/', '-')}")
    async with EmbeddedPostgres(home):
        pass
    path = home / "postgres" / wound
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(Refused, match=r"error\.(home_damaged|postgres_cannot_start)"):
        await EmbeddedPostgres(home).start()
    assert wound != "data" or not path.exists()


async def test_a_dropped_database_is_not_made_anew(stage: Stage) -> None:
    home = stage.fresh("dropped")
    async with EmbeddedPostgres(home) as server, await PostgresRows.open(server.superuser_dsn) as rows:
        await rows.execute(f"DROP DATABASE {DATABASE}")
    with pytest.raises(Refused, match=r"error\.home_damaged"):
        await EmbeddedPostgres(home).start()
    (home / BORN_NAME).write_bytes(b"{")
    with pytest.raises(Refused, match=r"error\.home_damaged"):
        await EmbeddedPostgres(home).start()


async def test_old_backups_go_and_what_an_interrupted_one_left_too(stage: Stage) -> None:
    folder = stage.root / "some"
    (folder / f"20260101T000000.000000Z{UNFINISHED}").mkdir(parents=True)
    for name in ("20260101T010000.000000Z", "20260102T010000.000000Z"):
        shutil.copytree(stage.backup, folder / name)
    (folder / "wal" / "of-nobody").mkdir(parents=True)
    async with source_of("dijon", stage.home) as source:
        newest = await take_backup(source, folder)
    assert keep_newest(folder, 2) == ["20260101T010000.000000Z"]
    assert [one.name for one in list_backups(folder)] == ["20260102T010000.000000Z", newest.name]
    assert sorted(one.name for one in folder.iterdir() if one.name[0] != ".") == sorted(
        ["20260102T010000.000000Z", newest.name, "wal"]
    )
    assert not list((folder / "wal").iterdir())
    assert read_deeds(folder).began_at == read_manifest(newest).began_at


async def test_a_trial_restore_checks_every_table_and_index_and_leaves_nothing(stage: Stage) -> None:
    verdict = await try_restore(stage.backup, read_manifest(stage.backup))
    assert verdict.finding is None
    assert read_deeds(stage.backup.parent).tested_at is not None


async def test_a_broker_whose_streams_are_gone_is_refused_with_a_word(stage: Stage) -> None:
    home = stage.fresh("streamless")
    shutil.copytree(stage.home / "nats", home / "nats")
    shutil.rmtree(home / "nats" / "jetstream")
    with pytest.raises(Refused, match=r"error\.nats_streams_lost"):
        await EmbeddedNats(home, clock=SystemClock(), on_refusal=lambda refusal: None).start()


@pytest.mark.parametrize("path", ["home/../../etc/passwd", "/etc/passwd"])
def test_a_manifest_that_points_out_of_its_backup_is_refused(stage: Stage, tmp_path: Path, path: str) -> None:
    manifest = read_manifest(stage.backup)
    write_manifest(tmp_path, replace(manifest, parts=[replace(manifest.parts[0], path=path)]))
    with pytest.raises(Refused, match=r"error\.backup_manifest_damaged"):
        read_manifest(tmp_path)


async def test_what_went_to_the_lake_after_the_backup_comes_back_from_beside_it(stage: Stage) -> None:
    late = stage.root / "late" / "readings"
    late.mkdir(parents=True)
    (late / "later.parquet").write_bytes(b"PAR1")
    (stage.root / "late" / "_staging").mkdir()
    (stage.root / "late" / "_staging" / "half").write_bytes(b"PA")
    beside = stage.root / "kept" / "lake"
    assert mirror_lake(stage.root / "late", beside) == 1
    assert mirror_lake(stage.root / "late", beside) == 0
    for content in ("{}", "{1}"):
        (stage.root / "late" / MANIFEST_NAME).write_text(content, "utf-8")
        assert mirror_lake(stage.root / "late", beside) == 1
    assert list_backups(stage.root / "kept") == [stage.backup]
    home = stage.fresh("with-lake")
    await restore(stage.backup, read_manifest(stage.backup), home, None)
    assert (home / "lake" / "readings" / "later.parquet").read_bytes() == b"PAR1"
    assert (home / "lake" / "day.parquet").exists()
    shutil.rmtree(beside)
