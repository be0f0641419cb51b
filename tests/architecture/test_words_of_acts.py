"""The console asks for what one may do with an incident by the very names that the post answers with."""

import re

from ondijon.apps.console.parts.incidents.may import ALL_NAMES
from tests.architecture.tree import ROOT

CONTRACT = ROOT / "frontend/console/src/incidents/contract.ts"


def test_every_name_that_the_console_asks_for_is_one_that_the_post_gives() -> None:
    union = re.search(r"export type Step =\n((?: +\| '\w+'\n)+)", CONTRACT.read_text("utf-8"))
    assert union is not None
    assert set(re.findall(r"'(\w+)'", union.group(1))) == set(ALL_NAMES)
