"""The lake in S3-compatible storage: files are put whole, and read through copies on a local disk."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import S3Store

from ondijon.infra.archive.layout import READINGS, is_ours


def open_bucket(bucket: str, prefix: str, endpoint: str | None, region: str, folder: Path) -> "BucketLake":
    """A lake in a bucket; plain http is for storage on this machine only."""
    on_loopback = endpoint is not None and urlsplit(endpoint).hostname in ("127.0.0.1", "localhost", "::1")
    store = S3Store(bucket, prefix=prefix, endpoint=endpoint, region=region, client_options={"allow_http": on_loopback})
    return BucketLake(store, folder)


class BucketLake:
    """A bucket, or a prefix of one; `folder` holds copies, the least used of which go beyond `cache_bytes`.

    A file's name is the hash of its content, so a copy never grows old. Keys come from the environment
    (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), as every tool of S3's has it.
    """

    def __init__(self, store: S3Store, folder: Path, cache_bytes: int = 20 << 30) -> None:
        self._store = store
        self._cache_bytes = cache_bytes
        self.folder = folder
        self.scratch = folder / "_staging"
        self.scratch.mkdir(parents=True, exist_ok=True)

    def place(self, staged: Path, name: str) -> None:
        # The answer comes once the storage holds the whole object.
        obstore.put(self._store, name, staged)
        staged.unlink()

    def fetch(self, name: str) -> Path:
        path = self.folder / name
        if path.exists():
            os.utime(path)
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        arriving = self.scratch / uuid4().hex
        with arriving.open("wb") as opened:
            opened.writelines(self.read(name))
        arriving.replace(path)
        self._trim(path)
        return path

    def size(self, name: str) -> int | None:
        try:
            return int(obstore.head(self._store, name)["size"])
        except (NotFoundError, FileNotFoundError):
            return None

    def read(self, name: str) -> Iterator[bytes]:
        try:
            for piece in obstore.get(self._store, name).stream(min_chunk_size=8 << 20):
                yield bytes(piece)
        except NotFoundError as error:
            raise FileNotFoundError(name) from error

    def list_files(self) -> list[str]:
        found = [one["path"] for page in obstore.list(self._store, READINGS) for one in page]
        return sorted(name for name in found if is_ours(name))

    def remove(self, name: str) -> None:
        obstore.delete(self._store, name)
        (self.folder / name).unlink(missing_ok=True)

    def _trim(self, kept: Path) -> None:
        copies = sorted((self.folder / READINGS).glob("*/*.parquet"), key=lambda path: path.stat().st_mtime)
        held = sum(path.stat().st_size for path in copies)
        for path in copies:
            if held > self._cache_bytes and path != kept:
                held -= path.stat().st_size
                path.unlink(missing_ok=True)
