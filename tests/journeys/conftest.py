"""The generated city by night, and people who sit before it in real Chromium, with nothing but a keyboard."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.faults.deadline import until
from tests.faults.running_post import RunningPost

FLAGS = """--no-sandbox --disable-gpu --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader --disable-quic
    --no-first-run --disable-background-networking --disable-component-update --disable-sync""".split()
SLOW_MS = 30_000
# The page's own policy forbids eval, so we ask again and again instead of waiting inside it.
LIVE = "(window.__ondijon?.metrics?.points ?? 0) > 0 && (window.__ondijon?.metrics?.liveMs ?? 0) > 0"


@pytest.fixture(scope="session")
def night() -> Iterator[RunningPost]:
    """The demo city at ten in the evening, as `ondijon run --at 22:00` starts it."""
    folder = Path(tempfile.mkdtemp(prefix="ondijon-journey-"))
    folder.chmod(0o711)
    post = RunningPost(folder, arguments=("--at", "22:00"))
    try:
        post.start()
        yield post
    finally:
        post.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


class Seat:
    """One person's browser; every act is a key."""

    def __init__(self, browser: Browser, post: RunningPost, username: str, *, lang: str = "fr-FR") -> None:
        self._context = browser.new_context(
            viewport={"width": 1600, "height": 900}, locale=lang, timezone_id="America/Lima"
        )
        self._context.set_default_timeout(SLOW_MS)
        self.page: Page = self._context.new_page()
        self.strange: list[str] = []
        self.page.on("request", lambda request: self._note_origin(post.origin, request.url))
        self.page.on("pageerror", lambda error: self.strange.append(f"error {error}"))
        self.page.goto(post.origin)
        self.page.wait_for_selector("input[name=username]")
        self.page.locator("input[name=username]").focus()
        self.type(username)
        self.press("Tab")
        self.type(post.password(username))
        self.press("Enter")
        until("the map is live", lambda: self.page.evaluate(LIVE), SLOW_MS / 1000)

    def _note_origin(self, origin: str, url: str) -> None:
        if not url.startswith((origin, "blob:", "data:")):
            self.strange.append(f"request to {url}")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def see(self, text: str, within: str = "body") -> None:
        """Wait until the words are on the screen."""
        self.page.locator(within).get_by_text(text).first.wait_for()

    def has_focus(self) -> str:
        """The words of what the keyboard is on."""
        found: str = self.page.evaluate("document.activeElement?.innerText ?? ''")
        return found

    def tab_to(self, words: str, most: int = 60, key: str = "Tab") -> None:
        """Press Tab until the focus is on something that carries these words."""
        for _ in range(most):
            if words in self.has_focus().split("\n")[0]:
                return
            self.press(key)
        raise AssertionError(f"Tab never reached {words!r}")

    def close(self) -> None:
        self._context.close()


@pytest.fixture
def claire(browser: Browser, night: RunningPost) -> Iterator[Seat]:
    """The shift leader, who may approve."""
    seat = Seat(browser, night, "claire")
    yield seat
    assert seat.strange == []
    seat.close()


@pytest.fixture
def amine(browser: Browser, night: RunningPost) -> Iterator[Seat]:
    """The operator, who may command."""
    seat = Seat(browser, night, "amine")
    yield seat
    assert seat.strange == []
    seat.close()
