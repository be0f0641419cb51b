"""axe-core finds nothing on any screen, in both themes and both languages."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page

from tests.faults.deadline import tell
from tests.faults.running_post import RunningPost
from tests.journeys.conftest import Sit
from tests.journeys.seat import Seat

pytestmark = pytest.mark.journey
AXE = Path(__file__).parents[2] / "frontend/console/node_modules/axe-core/axe.min.js"
CARDS = "[id^=card-][role=option]"
LOOKS = [(theme, lang) for theme in ("dark", "light") for lang in ("fr", "en")]
CHOOSE = """([theme, lang]) => localStorage.setItem('ondijon.console', JSON.stringify({ theme, lang }))"""


def violations(page: Page) -> list[str]:
    """What axe finds, as rule: element."""
    found: dict[str, Any] = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [f"{rule['id']}: {node['target']}" for rule in found["violations"] for node in rule["nodes"]]


@pytest.fixture
def waiting_order(night: RunningPost) -> Iterator[None]:
    """An order that waits for a second person, so that the approval box is on screen too."""
    order = night.desk("amine").post(
        "/api/commands",
        {
            "key": "lighting.dim_streetlights",
            "targets": {"kind": "all"},
            "payload": {"level_pct": 90},
            "reason": "essai d'accessibilité",
            "expires_s": 600,
            "idempotency_key": str(uuid4()),
            "precondition": None,
        },
    )
    yield
    night.desk("claire").post(f"/api/commands/{order['id']}/reject", {"reason": "essai terminé"})


def show_panel(seat: Seat) -> None:
    # Just after the start no lamp has failed yet.
    seat.page.locator(CARDS).first.wait_for()
    seat.press("j")
    seat.page.locator("#detail .plot canvas").wait_for()


def show_shelving(seat: Seat) -> None:
    seat.press("s")
    seat.page.locator("dialog form").wait_for()


def show_views(seat: Seat) -> None:
    seat.press("Escape", "v")
    seat.page.locator("#views button").first.wait_for()


def show_figures(seat: Seat) -> None:
    seat.press("a")
    seat.page.locator("#centre tbody tr").nth(4).wait_for()


def show_opening(seat: Seat) -> None:
    seat.press("Escape", "i")
    seat.page.locator("#centre [data-shortcut=n]").wait_for()
    seat.press("n")
    seat.page.locator("#incident-type").wait_for()
    seat.type("lamp")
    seat.page.locator("#incident-types [role=option]").first.wait_for()


def show_incident(seat: Seat) -> None:
    seat.press("Enter")
    # No asset is in focus: the middle of the map is the only place on offer.
    seat.page.locator(".place button").focus()
    seat.press("Enter")
    seat.page.locator("dialog button.primary:not([disabled])").focus()
    seat.press("Enter")
    seat.page.locator("#detail .steps").wait_for()
    seat.page.locator("#centre [role=option]").first.wait_for()


def show_hand_over(seat: Seat) -> None:
    seat.press("h")
    seat.page.locator("#contacts [role=option]").nth(2).wait_for()


def show_wall(seat: Seat) -> None:
    seat.press("Escape", "v", "w")
    seat.page.locator(".wall section").nth(3).wait_for()


def show_view(letter: str, sign: str) -> Callable[[Seat], None]:
    """V, the view's letter, and what tells that it is filled."""

    def show(seat: Seat) -> None:
        seat.press("Escape")
        seat.ask("document.activeElement?.blur()")
        seat.press("v", letter)
        seat.page.locator(sign).first.wait_for()

    return show


def show_call(seat: Seat) -> None:
    seat.press("Escape")
    seat.page.locator("#alarms").wait_for()
    seat.press("q")
    seat.page.locator("#detail form #place-text").wait_for()


def show_staffing(seat: Seat) -> None:
    show_view("c", "#centre [role=tablist], #centre [role=group]")(seat)


def show_line(seat: Seat) -> None:
    show_view("l", "#centre [data-line]")(seat)
    seat.press("b")
    seat.type("essai")


def show_programme(seat: Seat) -> None:
    """The first programme of the list, with its editor open on the next version."""
    seat.page.locator("#centre [role=listbox]").focus()
    seat.press("ArrowDown")
    seat.page.locator("#detail [data-shortcut=e]").wait_for()
    seat.press("e")
    seat.page.locator("#centre [role=slider]").first.wait_for()
    seat.page.locator("#centre .figures").wait_for()


def show_classes(sheet: int, sign: str) -> Callable[[Seat], None]:
    """A sheet of the classes, by its place among their buttons."""

    def show(seat: Seat) -> None:
        seat.page.locator("#centre .sheets button").nth(sheet).focus()
        seat.press("Enter")
        seat.page.locator(sign).first.wait_for()

    return show


def show_panel_again(seat: Seat) -> None:
    seat.press("Escape", "j")
    seat.page.locator("#detail .plot canvas").wait_for()


def show_command(seat: Seat) -> None:
    seat.press("l")
    seat.page.locator("form .dry").wait_for()


def show_palette(seat: Seat) -> None:
    seat.press("Escape", "Escape", "Control+k")
    seat.type("chenove")
    seat.page.locator("dialog [role=option]").nth(5).wait_for()


def show_help(seat: Seat) -> None:
    seat.press("Escape", "?")
    seat.page.locator("dialog dl").first.wait_for()


def show_table(seat: Seat) -> None:
    seat.press("Escape", "t")
    seat.page.locator("#assets [role=row]").nth(5).wait_for()


def show_orders(seat: Seat) -> None:
    seat.press("m", "o")
    seat.page.locator("#detail article .primary").first.wait_for()


def show_system(seat: Seat) -> None:
    seat.page.locator("#tab-orders").focus()
    seat.press("ArrowRight")
    seat.page.locator("#detail tbody tr").nth(2).wait_for()


def show_mode(seat: Seat) -> None:
    seat.press("Escape", "m")
    seat.page.locator("[role=radiogroup] [role=radio]").nth(5).wait_for()
    seat.press("4")
    seat.page.locator(".modes .legend button").first.wait_for()


def show_cabinets(seat: Seat) -> None:
    seat.press("1", "v", "b")
    seat.page.locator("#cabinets [id^=cabinet-]").nth(3).wait_for()


def show_tree(seat: Seat) -> None:
    seat.page.locator("#cabinets").focus()
    seat.press("Enter")
    seat.page.locator("#detail [role=treeitem]").nth(1).wait_for()
    seat.press("ArrowDown", "ArrowRight", "ArrowDown", "ArrowRight")
    seat.page.locator("#detail [role=treeitem][aria-level='4']").first.wait_for()


def show_re_equipping(seat: Seat) -> None:
    seat.press("Escape", "t")
    seat.page.locator("#assets [role=row]").nth(5).wait_for()
    button = seat.page.locator("main footer button").first
    button.focus()
    seat.press("Enter")
    seat.page.locator("dialog select").nth(1).select_option("led")
    seat.page.locator("dialog tbody tr").first.wait_for()


SCREENS: dict[str, Callable[[Seat], None]] = {
    "room": lambda seat: None,
    "card": show_panel,
    "shelving": show_shelving,
    "views": show_views,
    "figures": show_figures,
    "opening": show_opening,
    "incident": show_incident,
    "hand over": show_hand_over,
    "wall": show_wall,
    "call": show_call,
    "calls": show_staffing,
    "logbook": show_line,
    "directory": show_view("d", "#centre [role=option], #centre li, #centre tbody tr"),
    "notifications": show_view("n", "#centre h2"),
    "people": show_view("p", "#centre table"),
    "commune": show_view("k", "#centre h2"),
    "status": show_view("f", "#centre #status-record"),
    "register": show_view("r", "#centre article, #centre section"),
    "programmes": show_view("h", "#centre [role=option]"),
    "programme": show_programme,
    "classes": show_view("g", "#centre [role=option]"),
    "policies": show_classes(1, "#centre .scroll ul"),
    "adaptive": show_classes(2, "#centre .scroll h3"),
    "floors": show_classes(3, "#centre tbody tr"),
    "panel": show_panel_again,
    "command": show_command,
    "palette": show_palette,
    "help": show_help,
    "mode": show_mode,
    "cabinets": show_cabinets,
    "tree": show_tree,
    "re-equipping": show_re_equipping,
    "table": show_table,
    "orders": show_orders,
    "system": show_system,
}


# Colours depend on the theme alone and words on the language alone: two walks meet both of each.
@pytest.mark.parametrize(("theme", "lang"), [("dark", "fr"), ("light", "en")])
def test_no_signed_in_screen_has_a_violation(sit: Sit, waiting_order: None, theme: str, lang: str) -> None:
    seat = sit("claire", bypass_csp=True)
    seat.page.evaluate(CHOOSE, [theme, lang])
    seat.page.reload()
    seat.wait_until_live()
    seat.page.add_script_tag(path=AXE)
    found = {}
    for name, show in SCREENS.items():
        show(seat)
        found[name] = violations(seat.page)
    assert found == dict.fromkeys(SCREENS, [])
    tell(f"axe, {theme}, {lang}", f"0 violations on {len(SCREENS)} screens")


def test_the_sign_in_page_has_no_violation(browser: Browser, night: RunningPost) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(night.origin)
    found = {}
    for look in LOOKS:
        page.evaluate(CHOOSE, list(look))
        page.reload()
        page.locator("input[name=username]").wait_for()
        page.add_script_tag(path=AXE)
        found[look] = violations(page)
    context.close()
    assert found == dict.fromkeys(LOOKS, [])
