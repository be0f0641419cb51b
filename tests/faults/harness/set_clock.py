"""A machine's clock that a test sets for one post alone: its processes load `set_clock.c` before the C library."""

import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")


class SetClock:
    """The library and the page that tells it by how much; raises OSError or CalledProcessError without a compiler."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o711)
        self._page, library = folder / "set_by_s", folder / "set_clock.so"
        self._page.write_bytes(struct.pack("q", 0))
        subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True)
        for path in (self._page, library):
            path.chmod(0o755)
        self.environ = {"LD_PRELOAD": str(library), "SET_CLOCK_FILE": str(self._page)}

    def set_by(self, seconds: int) -> None:
        """From now on the machine's clock shows so much more, or less, than the true time."""
        with self._page.open("r+b") as page:
            page.write(struct.pack("q", seconds))
