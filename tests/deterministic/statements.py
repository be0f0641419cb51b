"""Which statement means what: a meaning is found by the checksum of the statement's whole text."""

import zlib
from collections.abc import Callable

from tests.deterministic.store import Meaning


class Statements:
    """Statements whose meaning somebody has read; one that changes in the runtime must be read again, and said anew."""

    def __init__(self, *parts: "Statements") -> None:
        self._of_checksum: dict[str, tuple[str, Meaning]] = {}
        self._of_text: dict[str, Meaning] = {}
        for part in parts:
            self._of_checksum |= part._of_checksum

    def means(self, begins: str, known_as: str = "") -> Callable[[Meaning], Meaning]:
        """Say what the statement does that begins so; without a checksum, `begins` is the whole of it."""

        def register(meaning: Meaning) -> Meaning:
            self._of_checksum[known_as or checksum(begins)] = (begins, meaning)
            return meaning

        return register

    def find(self, sql: str) -> Meaning:
        """The meaning of a statement; raises AssertionError for one that nobody has read yet."""
        found = self._of_text.get(sql)
        if found is None:
            text = " ".join(sql.split())
            begins, found = self._of_checksum.get(checksum(sql), ("", None))
            if found is None or not text.startswith(begins):
                raise AssertionError(f"the store in memory does not know {checksum(sql)}: {text}")
            self._of_text[sql] = found
        return found


def checksum(sql: str) -> str:
    """A short name for a statement's whole text, however it is broken into lines."""
    return f"{zlib.crc32(' '.join(sql.split()).encode()):08x}"
