"""A backup of a post at work holds everything that was acknowledged before it, and starts as a post of its own."""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.acts import dim
from tests.faults.deadline import crowding, tell, until
from tests.faults.field_gateway import FieldGateway
from tests.faults.running_post import ONDIJON, RunningPost
from tests.faults.town import own_gateway, own_light, own_light_urn

pytestmark = [pytest.mark.faults, pytest.mark.engines]

PACKS = 50
READINGS = """SELECT count(*) FROM readings JOIN twins USING (twin_no) JOIN properties USING (property_no)
              WHERE urn = $1 AND key = 'power_w'"""
RESTORE_LIMIT_S = 60.0
BACKUP_GATEWAY = 0


@pytest.fixture
def room(home: Path) -> Iterator[Path]:
    """Beside the home: a backup inside it is refused."""
    folder = Path(tempfile.mkdtemp(prefix="ondijon-backup-", dir=home.parent))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


def run(*words: str) -> dict[str, object]:
    done = subprocess.run([ONDIJON, *words], capture_output=True, check=False, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_a_backup_of_a_post_at_work_has_what_was_acknowledged_and_runs_again(post: RunningPost, room: Path) -> None:
    with FieldGateway(post, own_gateway(BACKUP_GATEWAY)) as gateway:
        for number in range(PACKS):
            gateway.report({"n": f"{own_light(BACKUP_GATEWAY, 0)}/power", "v": 10.0 + number})
    command = dim(post.desk("claire"), own_light_urn(BACKUP_GATEWAY, 0), level_pct=55)
    taken = json.loads(post.order("backup", "--to", str(room / "kept")))
    assert json.loads(post.order("audit", "verify"))["finding"] is None
    restored = room / "again"
    restored.mkdir(mode=0o711)
    began_s = time.monotonic()
    run("restore", "--from", str(room / "kept"), "--home", str(restored))
    restore_s = time.monotonic() - began_s
    again = RunningPost(restored, post.environ)
    try:
        start_s = again.start()
        # What the broker had acknowledged and not handed on yet comes from its own streams.
        until("every reading is in", lambda: again.count(READINGS, own_light_urn(BACKUP_GATEWAY, 0)) == PACKS, 10)
        assert again.count("SELECT count(*) FROM commands WHERE id = $1", command) == 1
        verdict = json.loads(again.order("audit", "verify"))
        assert (verdict["finding"], verdict["restores"]) == (None, 1)
    finally:
        again.close()
    tell("backup at work", f"{taken['bytes'] / 1e6:.0f} MB in {taken['seconds']} s, {PACKS} readings acked, 0 lost")
    tell("restore and start", f"{restore_s:.1f} s + {start_s:.1f} s")
    assert restore_s < RESTORE_LIMIT_S * crowding()
