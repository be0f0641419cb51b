"""Names and passwords of the post's own users of the bus, made once and kept readable by us only."""

import os
import secrets
from pathlib import Path

import msgspec
import nkeys

# A dot cannot stand in a gateway's id, so no gateway can carry the name of one of these.
SYSTEM_USER = "post.sys"
CALLOUT_USER = "post.callout"
POST_USERS = ("post.supervisor", "post.core", "post.gateway", "post.web", "post.simulator")


class BusSecrets(msgspec.Struct, frozen=True):
    """Passwords by user, and the account seed that signs what devices may do."""

    passwords: dict[str, str]
    issuer_seed: str

    @property
    def issuer(self) -> str:
        """The public key that the server trusts for answers of the auth callout."""
        return public_key(self.issuer_seed)


def read_or_make_secrets(path: Path) -> BusSecrets:
    """The secrets in `path`; a file of an older release gets the users that it lacks."""
    known: dict[str, str] = {}
    seed = ""
    if path.exists():
        former = msgspec.json.decode(path.read_bytes(), type=BusSecrets)
        known, seed = former.passwords, former.issuer_seed
    users = (SYSTEM_USER, CALLOUT_USER, *POST_USERS)
    wanted = BusSecrets({user: known.get(user) or secrets.token_hex(16) for user in users}, seed or _new_seed())
    if wanted.passwords != known or not seed:
        write_private(path, msgspec.json.encode(wanted))
    return wanted


def write_private(path: Path, content: bytes) -> None:
    """Replace a file in one step, readable by its owner only."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    fresh.rename(path)


def public_key(seed: str) -> str:
    """The public half of an nkey seed."""
    return str(nkeys.from_seed(bytearray(seed.encode())).public_key.decode())


def _new_seed() -> str:
    return str(nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_ACCOUNT).decode())
