"""One person's browser before a running post, worked by keys alone."""

from typing import Any

from playwright.sync_api import Browser, Locator, Page

from tests.faults.deadline import until
from tests.faults.running_post import RunningPost

SLOW_MS = 30_000
# The page's own policy forbids eval, so we ask again and again instead of waiting inside it.
LIVE = "(window.__ondijon?.metrics?.points ?? 0) > 0 && (window.__ondijon?.metrics?.liveMs ?? 0) > 0"
FOCUS_LABEL = """(() => {
    const here = document.activeElement
    return here?.ariaLabel || here?.labels?.[0]?.innerText || here?.innerText || ''
})()"""


class Seat:
    """Every act is a key; what leaves the origin and what fails in the page is noted in `strange`."""

    def __init__(self, browser: Browser, post: RunningPost, username: str, **options: Any) -> None:
        screen: dict[str, Any] = {"viewport": {"width": 1600, "height": 900}, "locale": "fr-FR"}
        # Far from the city's own zone: every hour on screen must be the city's.
        self.context = browser.new_context(**{**screen, "timezone_id": "America/Lima", **options})
        self.context.set_default_timeout(SLOW_MS)
        self.page: Page = self.context.new_page()
        self.strange: list[str] = []
        self.page.on("request", lambda request: self._note_origin(post.origin, request.url))
        self.page.on("pageerror", lambda error: self.strange.append(f"error {error}"))
        try:
            self.page.goto(post.origin)
            self.sign_in(username, post.password(username))
        except BaseException:
            # A live map that nobody closes slows every journey after it.
            self.close()
            raise

    def sign_in(self, username: str, password: str) -> None:
        self.page.wait_for_selector("input[name=username]")
        self.page.locator("input[name=username]").focus()
        self.type(username)
        self.press("Tab")
        self.type(password)
        self.press("Enter")
        self.wait_until_live()

    def wait_until_live(self) -> None:
        until("the map is live", lambda: self.ask(LIVE), SLOW_MS / 1000)

    def _note_origin(self, origin: str, url: str) -> None:
        if not url.startswith((origin, "blob:", "data:")):
            self.strange.append(f"request to {url}")

    def ask(self, expression: str) -> Any:
        """What the page answers to an expression."""
        return self.page.evaluate(expression)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def see(self, text: str, within: str = "body") -> None:
        """Wait until the words are on the screen."""
        self.page.locator(within).get_by_text(text).first.wait_for()

    def find(self, text: str, hit: str) -> None:
        """Search by name and take the hit with these words."""
        self.press("Control+k")
        self.page.locator("dialog input").wait_for()
        self.type(text)
        self.page.get_by_role("option").filter(has_text=hit).first.wait_for()
        self.press("Enter")

    def button(self, words: str) -> Locator:
        return self.page.get_by_role("button", name=words, exact=True)

    def has_focus(self) -> str:
        """The words or the label of what the keyboard is on."""
        found: str = self.ask(FOCUS_LABEL)
        return found.split("\n")[0]

    def tab_to(self, words: str, most: int = 60, key: str = "Tab") -> None:
        """Press Tab until the focus is on something that carries these words."""
        for _ in range(most):
            if words in self.has_focus():
                return
            self.press(key)
        raise AssertionError(f"{key} never reached {words!r}")

    def skip_to_detail(self) -> None:
        """The third skip link of the page."""
        self.ask("document.activeElement?.blur()")
        self.tab_to("Aller au détail")
        self.press("Enter")

    def close(self) -> None:
        self.context.close()
