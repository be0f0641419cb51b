"""A home remembers that its database was made, so that a lost or damaged one is never replaced by an empty one."""

import os
import secrets
from pathlib import Path

import msgspec
from msgspec import Struct

from ondijon.kernel.errors import Refused

BORN_NAME = "database.json"
# Left in a home that is being restored, taken away when all of it is there.
RESTORING_NAME = "restore.unfinished"
# Left in a home whose standby has taken over: both would go on from the same moment, each in its own way.
SUPERSEDED_NAME = "superseded"
# Says whom a home follows, until it takes over.
STANDBY_NAME = "standby.json"


class Birth(Struct, frozen=True):
    """Which database lives here; incarnation: anew at each restore and after each gap of its archived log."""

    database: str
    incarnation: str


def read_birth(home: Path) -> Birth | None:
    """What the home remembers; raises Refused when the note is damaged."""
    path = home / BORN_NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Birth)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise Refused("error.home_damaged", folder=str(home), what=BORN_NAME) from error


def note_birth(home: Path, database: str) -> None:
    """Remember that the database was made whole; a second time it changes nothing."""
    if read_birth(home) is None:
        _write(home, Birth(database, secrets.token_hex(6)))


def renew_incarnation(home: Path) -> None:
    """What continues the log goes on under another name: between it and what was before there is a gap."""
    known = read_birth(home)
    assert known is not None, "only a home that was born has a log"
    _write(home, Birth(known.database, secrets.token_hex(6)))


def _write(home: Path, birth: Birth) -> None:
    fresh = home / f".{BORN_NAME}.new"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(birth))
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(home / BORN_NAME)


def check_whole(home: Path, data_dir: Path) -> None:
    """Raise Refused where an empty database would take the place of one that was here."""
    if (home / RESTORING_NAME).exists():
        raise Refused("error.home_half_restored", folder=str(home))
    if (home / SUPERSEDED_NAME).exists():
        raise Refused("error.home_superseded", folder=str(home), by=(home / SUPERSEDED_NAME).read_text("utf-8"))
    if (home / STANDBY_NAME).exists():
        raise Refused("error.home_is_standby", folder=str(home))
    if (data_dir / "PG_VERSION").exists():
        return
    if read_birth(home) is not None:
        raise Refused("error.home_damaged", folder=str(home), what=str(data_dir))
    if data_dir.is_dir() and any(data_dir.iterdir()):
        raise Refused("error.home_damaged", folder=str(home), what=str(data_dir / "PG_VERSION"))
