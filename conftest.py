"""What every test of the house shares: the browser of the journeys, and the reason when there is none."""

import os
import shutil
from pathlib import Path

import pytest

_JOURNEYS = Path(__file__).parent / "tests/journeys"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_NO_BROWSER = "no chromium here (root: apt-get install chromium): the journeys skip"


def _find_chromium() -> Path | None:
    found = (shutil.which(name) for name in _BROWSERS)
    return next((Path(path) for path in found if path), None)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """tests/journeys comes last: its browser's loop runs until the end, and nobody else could start one then."""
    items.sort(key=lambda item: _JOURNEYS in item.path.parents)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a journey without a browser, unless root runs it: root could have installed one."""
    if item.get_closest_marker("journey") is None or _find_chromium() is not None:
        return
    if os.geteuid() == 0:
        pytest.fail("no chromium: run `make browser`", pytrace=False)
    pytest.skip(_NO_BROWSER)


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's Chromium, for playwright's `executable_path`."""
    path = _find_chromium()
    if path is None:
        pytest.skip(_NO_BROWSER)
    return path
