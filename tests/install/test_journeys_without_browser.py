"""Without Chromium a journey says that it skips and why; for root, who could install one, it fails."""

import os

import pytest

import conftest


@pytest.fixture
def journey(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> pytest.Item:
    """A test marked as a journey, on a machine where no browser is found."""
    monkeypatch.setenv("PATH", "")
    node = request.node
    assert isinstance(node, pytest.Item)
    node.add_marker("journey")
    return node


def test_a_journey_of_an_ordinary_user_skips_with_the_reason(
    journey: pytest.Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(pytest.skip.Exception, match="no chromium here"):
        conftest.pytest_runtest_setup(journey)


def test_a_journey_of_root_fails(journey: pytest.Item, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(pytest.fail.Exception, match="make browser"):
        conftest.pytest_runtest_setup(journey)


def test_any_other_test_needs_no_browser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    node = request.node
    assert isinstance(node, pytest.Item)
    conftest.pytest_runtest_setup(node)
