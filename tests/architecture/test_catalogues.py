"""French and English say the same things, with the same places to fill in."""

from pathlib import Path

import pytest

from tests.architecture.catalogues import list_differences
from tests.architecture.tree import ROOT, write_tree

FRENCH = '{"lamp.out": "Lampe {id} éteinte", "nested": {"a": "Bien"}}'
BREACHES = [
    ("", "strings.en.json is missing"),
    ('{"nested": {"a": "Good"}}', "`lamp.out` only here"),
    (
        '{"lamp.out": "Lamp out", "nested": {"a": "Good"}}',
        "`lamp.out` has places that the other language has not",
    ),
    ('{"lamp.out": "Lamp {id} out", "nested": {"a": " "}}', "`nested.a` is empty"),
    ('{"lamp.out": "Lamp {id} out", "lamp.out": "{id}", "nested": {"a": "Good"}}', "`lamp.out` twice"),
]


def test_our_catalogues_agree() -> None:
    assert list_differences(ROOT) == []


def test_catalogues_that_agree_pass(tmp_path: Path) -> None:
    english = '{"lamp.out": "{id} is out", "nested": {"a": "Good"}}'
    files = {"strings.fr.json": FRENCH, "strings.en.json": english, "other.json": "{}"}
    assert list_differences(write_tree(tmp_path, files)) == []


@pytest.mark.parametrize(("english", "difference"), BREACHES)
def test_a_difference_is_found(english: str, difference: str, tmp_path: Path) -> None:
    files = {"src/strings.fr.json": FRENCH} | ({"src/strings.en.json": english} if english else {})
    found = list_differences(write_tree(tmp_path, files))
    assert [line.partition(": ")[2] for line in found] == [difference]
