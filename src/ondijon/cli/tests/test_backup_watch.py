"""Who looks at the backups tells what was done and when, and never takes a folder that has gone for a young backup."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ondijon.cli import backup_watch
from ondijon.cli.backup_watch import NEVER_H, BackupWatch
from ondijon.infra.backup.keep import Deeds


async def look(watch: BackupWatch, monkeypatch: pytest.MonkeyPatch) -> None:
    """One round."""
    looked = asyncio.Event()

    async def pause(seconds: float) -> None:
        looked.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patched:
        patched.setattr(asyncio, "sleep", pause)
        running = asyncio.create_task(watch.run())
        await looked.wait()
        running.cancel()


async def test_ages_are_told_and_a_folder_that_goes_is_not_known_but_grows_older(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    (tmp_path / "lake").mkdir()
    watch = BackupWatch(folder, tmp_path / "lake")
    assert (watch.health(), watch.backup_age_h()) == (None, None)
    began_at = datetime.now(UTC) - timedelta(hours=3)
    monkeypatch.setattr(backup_watch, "read_deeds", lambda _: Deeds(began_at, None, None))
    await look(watch, monkeypatch)
    health = watch.health()
    assert health is not None and health.age_s is not None
    assert health.age_s == pytest.approx(3 * 3_600, abs=60)
    assert (health.verified_age_s, health.tested_age_s, watch.trial_age_h()) == (None, None, NEVER_H)
    folder.rename(tmp_path / "unmounted")
    monkeypatch.setattr(backup_watch, "mirror_lake", lambda lake, mirror: None)
    await look(watch, monkeypatch)
    assert watch.health() is None
    age_h = watch.backup_age_h()
    assert age_h is not None
    assert age_h == pytest.approx(3, abs=0.1)


async def test_a_folder_that_was_never_there_counts_as_no_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = BackupWatch(tmp_path / "none", tmp_path / "lake")
    monkeypatch.setattr(backup_watch, "mirror_lake", lambda lake, mirror: None)
    await look(watch, monkeypatch)
    assert (watch.health(), watch.backup_age_h()) == (None, NEVER_H)
