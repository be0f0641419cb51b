"""The power disk itself: what was synced survives a cut, what was not does not, and a database shows the difference."""

import os
import random
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.power.disk import PowerDisk, power_disk, why_not
from tests.faults.power.memory import PAGE_BYTES, DiskMemory, Facts

FILE = Facts(stat.S_IFREG | 0o600, 0, 0)
FOLDER = Facts(stat.S_IFDIR | 0o700, 0, 0)
needs_fuse = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


@pytest.fixture
def disk() -> Iterator[PowerDisk]:
    with tempfile.TemporaryDirectory(prefix="ondijon-power-") as place:
        Path(place).chmod(0o711)
        with power_disk(Path(place) / "disk") as made:
            yield made


def test_content_is_kept_from_its_sync_on_and_no_further() -> None:
    memory = DiskMemory()
    file = memory.add(memory.root, b"a", FILE)
    file.write(0, b"kept")
    memory.sync(file)
    file.write(0, b"gone")
    memory.cut()
    assert bytes(memory.root.names[b"a"].now) == b"kept"


def test_a_name_is_kept_by_the_sync_of_its_folder_and_its_content_is_not() -> None:
    memory = DiskMemory()
    memory.add(memory.root, b"a", FILE).write(0, b"gone")
    memory.sync(memory.root)
    memory.add(memory.root, b"b", FILE)
    memory.cut()
    assert set(memory.root.names) == {b"a"}
    assert not memory.root.names[b"a"].now


def test_a_rename_is_there_as_a_whole_or_not_at_all() -> None:
    for is_synced in (False, True):
        memory = DiskMemory()
        for name in (b"old", b"new"):
            memory.add(memory.root, name, FILE).write(0, name)
        memory.sync_all()
        memory.rename(memory.root, b"new", memory.root, b"old")
        if is_synced:
            memory.sync(memory.root.names[b"old"])
        memory.cut()
        found = {name: bytes(node.now) for name, node in memory.root.names.items()}
        assert found == ({b"old": b"new"} if is_synced else {b"old": b"old", b"new": b"new"})


def test_names_are_kept_in_their_order() -> None:
    memory = DiskMemory()
    folder = memory.add(memory.root, b"folder", FOLDER)
    memory.add(memory.root, b"before", FILE)
    inside = memory.add(folder, b"inside", FILE)
    memory.add(memory.root, b"after", FILE)
    memory.sync(inside)
    memory.cut()
    assert set(memory.root.names) == {b"folder", b"before"}
    assert set(memory.root.names[b"folder"].names) == {b"inside"}


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 3 * PAGE_BYTES), st.binary(min_size=1, max_size=9_000)),
        st.tuples(st.just("resize"), st.integers(0, 3 * PAGE_BYTES), st.just(b"")),
        st.tuples(st.just("sync"), st.just(0), st.just(b"")),
        st.tuples(st.just("cut"), st.just(0), st.just(b"")),
    ),
    max_size=12,
)


@given(CHANGES)
def test_after_a_whole_cut_a_file_is_what_it_was_at_its_last_sync(changes: list[tuple[str, int, bytes]]) -> None:
    memory = DiskMemory()
    memory.add(memory.root, b"a", FILE)
    memory.sync_all()
    now = kept = b""
    for what, at, piece in changes:
        file = memory.root.names[b"a"]
        if what == "write":
            now = now[:at].ljust(at, b"\0") + piece + now[at + len(piece) :]
            file.write(at, piece)
        elif what == "resize":
            now = now[:at].ljust(at, b"\0")
            file.resize(at)
        elif what == "sync":
            kept = now
            memory.sync(file)
        else:
            now = kept
            memory.cut()
        assert bytes(memory.root.names[b"a"].now) == now


@given(st.integers(0, 1_000), st.integers(1, 6))
def test_after_a_part_cut_each_page_is_the_old_one_or_the_new_one(seed: int, pages: int) -> None:
    memory = DiskMemory()
    file = memory.add(memory.root, b"a", FILE)
    file.write(0, b"o" * PAGE_BYTES * pages)
    memory.sync_all()
    file.write(0, b"n" * PAGE_BYTES * pages)
    memory.cut(random.Random(seed))
    found = bytes(memory.root.names[b"a"].now)
    assert len(found) == PAGE_BYTES * pages
    for at in range(0, len(found), PAGE_BYTES):
        assert found[at : at + PAGE_BYTES] in (b"o" * PAGE_BYTES, b"n" * PAGE_BYTES)


@needs_fuse
def test_a_mounted_disk_keeps_what_was_synced_and_nothing_else(disk: PowerDisk) -> None:
    for name, keep in (("synced", os.fsync), ("data", os.fdatasync), ("lost", lambda _: None)):
        with (disk.folder / name).open("wb", buffering=0) as file:
            file.write(name.encode() * 3_000)
            keep(file.fileno())
    always = os.open(disk.folder / "always", os.O_WRONLY | os.O_CREAT | os.O_DSYNC)
    os.write(always, b"always")
    os.close(always)
    (disk.folder / "later").write_bytes(b"later")
    assert disk.cut() > 0
    # The names before the newest synced one lie in the journal before it.
    assert {path.name: path.stat().st_size for path in disk.folder.iterdir()} == {
        "synced": 18_000,
        "data": 12_000,
        "lost": 0,
        "always": 6,
    }


@needs_fuse
def test_a_mounted_disk_is_a_file_system_like_another(disk: PowerDisk) -> None:
    deep = disk.folder / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "file").write_text("one")
    (deep / "file").replace(disk.folder / "moved")
    (disk.folder / "link").symlink_to("moved")
    with (disk.folder / "moved").open("r+b") as file:
        (disk.folder / "moved").unlink()
        file.truncate(2)
        assert file.read() == b"on"
    for number in range(300):
        (deep / f"n{number}").touch(mode=0o640)
    assert len(list(deep.iterdir())) == 300
    with pytest.raises(OSError, match="not empty"):
        deep.rmdir()
    os.chown(deep / "n1", 12, 34)
    found = (deep / "n1").stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (12, 34, 0o640)
    assert os.readlink(disk.folder / "link") == "moved"
