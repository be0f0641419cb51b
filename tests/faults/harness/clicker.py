"""A person who goes on asking through every fault, clicking the same intent again until it is answered."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import httpx

from tests.faults.acts import dim_body
from tests.faults.harness.aside import Aside
from tests.faults.harness.ledger import Entry, Kind, Ledger
from tests.faults.running_post import Desk, RunningPost
from tests.faults.town import own_light_urn

EVERY_S = 0.5
AGAIN_S = 0.2
CLICKS_AT_ONCE = 2
DOUBLE_ONE_IN = 3
UNHEARD = 26


class Clicker:
    """Orders and lines of the logbook in turn, each intent with one key; some are clicked twice at once."""

    def __init__(self, post: RunningPost, ledger: Ledger, seed: int) -> None:
        self._post = post
        self._ledger = ledger
        self._luck = random.Random(seed)
        self._aside = Aside("clicker", self._run)
        self.clicks = 0

    def start(self) -> None:
        self._aside.start()

    def stop(self) -> None:
        """Return once the intent under way has its answer."""
        self._aside.stop()

    def _run(self, stop: threading.Event) -> None:
        desk = Desk(self._post.origin, patience_s=20.0)
        while not self._is_let_in(desk):
            time.sleep(AGAIN_S)
        with ThreadPoolExecutor(CLICKS_AT_ONCE) as mouse:
            number = 0
            while not stop.wait(EVERY_S):
                number += 1
                self._insist(desk, mouse, number)
        desk.close()

    def _is_let_in(self, desk: Desk) -> bool:
        try:
            desk.sign_in("claire", self._post.password("claire"))
        except httpx.HTTPError:
            return False
        return True

    def _insist(self, desk: Desk, mouse: ThreadPoolExecutor, number: int) -> None:
        """One intent: on the disk first, then clicked until it is answered."""
        key = str(UUID(int=self._luck.getrandbits(128), version=4))
        kind: Kind = "command" if number % 2 else "line"
        path, body = _command(key) if kind == "command" else _line(key)
        clicks = CLICKS_AT_ONCE if self._luck.randrange(DOUBLE_ONE_IN) == 0 else 1
        self._ledger.write(Entry(time.time(), "will", kind, [key]))
        while not any(list(mouse.map(lambda _: self._click(desk, path, body), range(clicks)))):
            time.sleep(AGAIN_S)
        self._ledger.write(Entry(time.time(), "acked", kind, [key]))

    def _click(self, desk: Desk, path: str, body: dict[str, Any]) -> bool:
        self.clicks += 1
        try:
            answer = desk.ask(path, body)
        except httpx.HTTPError:
            return False
        if answer.is_client_error:
            raise AssertionError(f"{path} refuses: {answer.status_code} {answer.text}")
        return answer.is_success


def _command(key: str) -> tuple[str, dict[str, Any]]:
    body = dim_body(own_light_urn(UNHEARD, 0), level_pct=40, expires_s=5) | {"idempotency_key": key}
    return "/api/commands", body


def _line(key: str) -> tuple[str, dict[str, Any]]:
    payload = {"text": key, "trade": None, "commune": None, "subject": None}
    return "/api/acts", {"key": "logbook.write", "payload": payload, "idempotency_key": key}
