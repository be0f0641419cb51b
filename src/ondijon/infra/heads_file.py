"""Heads of the audit log are written outside the database, synced, to files of a system user who runs nothing."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ondijon.infra.postgres.place import find_or_create_account
from ondijon.kernel.audit import AuditHead
from ondijon.kernel.errors import Refused

HEADS_FOLDER = "audit-heads"
ACCOUNT_NAME = "ondijon-audit"


class HeadsFile:
    """Files by month below `home`; root gives them to the system user `ondijon-audit`."""

    def __init__(self, home: Path) -> None:
        self.folder = home / HEADS_FOLDER

    @property
    def is_apart(self) -> bool:
        """Whether the files belong to somebody who runs neither the database nor the post."""
        if not self.folder.exists():
            return False
        return self.folder.stat().st_uid not in {os.geteuid(), _owner_of(self.folder.parent / "postgres")}

    def append(self, head: AuditHead) -> None:
        """Write one head; it has reached the disk when this returns."""
        self.make_folder()
        # The order of the files is the order of writing, also where the clock stepped back over the end of a month.
        path = max([*self.folder.glob("heads-*.jsonl"), self.folder / f"heads-{head.at:%Y-%m}.jsonl"])
        is_new = not path.exists()
        fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            if is_new:
                self._give_away(fd)
            # A leading line end closes a line that a power cut tore.
            os.write(fd, (b"" if _ends_whole(path) else b"\n") + msgspec.json.encode(head) + b"\n")
            os.fsync(fd)
        finally:
            os.close(fd)
        if is_new:
            _sync_folder(self.folder)

    def read(self) -> Iterator[AuditHead]:
        """Every head in the order of its writing; raises Refused at a line that is none.

        Torn by a power cut, a line has no end or no closing brace: it was never reported as written and is left out.
        """
        for path in sorted(self.folder.glob("heads-*.jsonl")):
            for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
                if not line.endswith(b"}"):
                    continue
                try:
                    yield msgspec.json.decode(line, type=AuditHead)
                except msgspec.DecodeError as error:
                    raise Refused("error.audit_head_unreadable", file=path.name, line=number) from error

    def make_folder(self) -> None:
        """Make the folder of the heads and give it away, where it is missing."""
        if self.folder.exists():
            return
        self.folder.mkdir(mode=0o755)
        if os.geteuid() == 0:
            account = find_or_create_account(ACCOUNT_NAME)
            os.chown(self.folder, account.uid, account.gid)
        _sync_folder(self.folder.parent)

    def give_away(self) -> None:
        """Give folder and files, as a restore left them, to whom they belong."""
        if os.geteuid() == 0 and self.folder.exists():
            account = find_or_create_account(ACCOUNT_NAME)
            for path in (self.folder, *self.folder.iterdir()):
                os.chown(path, account.uid, account.gid)
                path.chmod(0o755 if path.is_dir() else 0o644)

    def _give_away(self, fd: int) -> None:
        facts = self.folder.stat()
        if os.geteuid() == 0:
            os.fchown(fd, facts.st_uid, facts.st_gid)


def _owner_of(path: Path) -> int | None:
    return path.stat().st_uid if path.exists() else None


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size == 0:
            return True
        file.seek(size - 1)
        return file.read(1) == b"\n"


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
