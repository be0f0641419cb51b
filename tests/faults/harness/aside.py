"""What goes on beside a test, in a thread of its own, until it is told to stop."""

import threading
from collections.abc import Callable


class Aside:
    """Runs `work` once for each start; `work` returns soon after the event it is given is set."""

    def __init__(self, name: str, work: Callable[[threading.Event], None]) -> None:
        self._name = name
        self._work = work
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._stop.clear()
        self._thread = threading.Thread(target=self._work, args=(self._stop,), name=self._name)
        self._thread.start()

    def stop(self) -> None:
        """Return once the work has ended."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
