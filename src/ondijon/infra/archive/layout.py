"""Where things lie in the lake: one folder a UTC day, one Parquet file in it, plain names that any engine knows."""

import re
from datetime import date

READINGS = "readings"
TWINS = "twins.parquet"
PROPERTIES = "properties.parquet"
FORMAT = "ondijon-lake/1"
MANIFEST = "manifest.json"
_FILE = re.compile(r"readings/observed_day=\d{4}-\d{2}-\d{2}/[0-9a-f]{64}\.parquet")


def name_file(day: date, sha256: str) -> str:
    """A file is named by its content: what has a name is never written again."""
    return f"{READINGS}/observed_day={day:%Y-%m-%d}/{sha256}.parquet"


def is_ours(name: str) -> bool:
    """Whether the archive made a file of this name, and may take it away again."""
    return _FILE.fullmatch(name) is not None
