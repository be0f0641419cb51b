"""The lake in a bucket of a real S3 server on this machine: the same promises as in a folder."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from ondijon.infra.archive.archiver import Archiver
from ondijon.infra.archive.bucket import BucketLake, open_bucket
from ondijon.infra.archive.history import HistoryOverBoth
from ondijon.infra.archive.tests.conftest import DAY, Stage, make_readings
from ondijon.infra.archive.tidying import tidy
from ondijon.infra.archive.verify import verify
from ondijon.kernel.identity import THE_POST
from ondijon.testing.builders import small_city

pytestmark = pytest.mark.engines
NEXT = DAY + timedelta(days=1)
LIMIT_S = 20.0


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BucketLake]:
    for name, value in (("AWS_ACCESS_KEY_ID", "of-the-test"), ("AWS_SECRET_ACCESS_KEY", "not-a-secret-of-anybody")):
        monkeypatch.setenv(name, value)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    stored = tmp_path / "stored"
    (stored / "lake").mkdir(parents=True)
    environment = {
        **os.environ,
        "NANIO_ACCESS_KEY": os.environ["AWS_ACCESS_KEY_ID"],
        "NANIO_SECRET_KEY": os.environ["AWS_SECRET_ACCESS_KEY"],
    }
    command = [sys.executable, "-m", "nanio", "serve", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen([*command, "--data-dir", str(stored), "--no-access-log"], env=environment) as server:
        _wait_for(f"http://127.0.0.1:{port}/")
        yield open_bucket("lake", "ondijon", f"http://127.0.0.1:{port}", "us-east-1", tmp_path / "copies")
        server.terminate()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the S3 server of the test does not answer")


async def test_a_bucket_keeps_what_a_folder_keeps(stage: Stage, bucket: BucketLake) -> None:
    archiver = Archiver(stage.rows, bucket, lambda: stage.door.desk(THE_POST), stage.clock)
    stage.history = HistoryOverBoth(stage.rows, bucket)
    for seed in (1, 2):
        await stage.store(make_readings(seed, 100))
        await archiver.run(NEXT)
        await tidy(stage.rows, bucket, small_city())
        assert await stage.read_all() == stage.expected()
        assert len(bucket.list_files()) == 1
    assert not (await verify(stage.rows, bucket, contents=True)).damaged
    bucket.remove(bucket.list_files()[0])
    assert len((await verify(stage.rows, bucket, contents=False)).missing) == 1
