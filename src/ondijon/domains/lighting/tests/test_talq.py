"""The table of TALQ words names nothing of ours that does not exist."""

import re
from pathlib import Path

from ondijon.domains.lighting.manifest import MANIFEST

_TABLE = Path(__file__).parents[5] / "docs/talq.md"
_ROW = re.compile(r"^\|(?P<function>[^|]*)\|(?P<attribute>[^|]*)\|(?P<ours>[^|]*)\|$", re.MULTILINE)
_NAME = re.compile(r"`((?:[A-Z]\w+|lighting)\.\w+)`")


def _ours() -> set[str]:
    found = {command.key for command in MANIFEST.commands} | {alarm.key for alarm in MANIFEST.alarms}
    for spec in MANIFEST.twin_types:
        found |= {f"{spec.key}.{one.key}" for one in spec.properties}
        found |= {f"{spec.key}.{one.key}" for one in spec.attributes}
    return found


def test_every_name_of_ours_in_the_table_of_talq_words_exists() -> None:
    named = {name for row in _ROW.finditer(_TABLE.read_text("utf-8")) for name in _NAME.findall(row["ours"])}
    assert len(named) >= 20
    assert named <= _ours()
