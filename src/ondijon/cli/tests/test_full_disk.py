"""A disk that runs short is told of, and a log that cannot be written stops nobody."""

import asyncio
import sys
from pathlib import Path

import msgspec
import pytest

from ondijon.cli import disk_watch
from ondijon.cli.logs import pass_line
from ondijon.runtime.field_role import DISK_SUBJECT
from ondijon.testing.fakes import FakeBus


@pytest.mark.parametrize(
    ("free_gib", "total_gib", "short"),
    [(9, 100, True), (10, 100, False), (19, 4_000, True), (21, 4_000, False), (0, 1, True)],
)
def test_a_disk_is_short_below_a_tenth_and_below_20_gib(free_gib: int, total_gib: int, short: bool) -> None:
    assert disk_watch.is_short(free_gib << 30, total_gib << 30) is short


async def test_a_short_disk_is_said_on_the_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_watch, "is_short", lambda free_bytes, total_bytes: True)
    bus, heard = FakeBus(), asyncio.Event()

    async def hear(subject: str, payload: bytes) -> None:
        heard.set()

    await bus.subscribe(DISK_SUBJECT, hear)
    watching = asyncio.create_task(disk_watch.watch_disks([tmp_path / "gone", tmp_path], bus))
    async with asyncio.timeout(5):
        await heard.wait()
    watching.cancel()
    assert msgspec.json.decode(bus.said_on(DISK_SUBJECT)[0])["folder"] == tmp_path.name


def test_a_role_goes_on_speaking_when_the_log_s_disk_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

        def flush(self) -> None:
            """Nothing was taken."""

    monkeypatch.setattr(sys, "stderr", Full())
    pass_line("gateway", "a word")
