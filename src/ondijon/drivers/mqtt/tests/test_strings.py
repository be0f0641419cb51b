"""Every reason and every error of this driver has words."""

import json
import re
from pathlib import Path

import pytest

from ondijon.drivers.mqtt.mapping import letters

FOLDER = Path(__file__).parent.parent


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_reason_and_error_has_words(language: str) -> None:
    words = json.loads((FOLDER / f"strings.{language}.json").read_text(encoding="utf-8"))
    sources = [path for path in FOLDER.rglob("*.py") if "tests" not in path.parts]
    raised = {key for path in sources for key in re.findall(r'"(error\.\w+)"', path.read_text(encoding="utf-8"))}
    assert words.keys() == raised | {f"dead_letter.{reason}" for reason in letters.REASONS}
