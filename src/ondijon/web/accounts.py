"""Local accounts: who somebody is, proved by a password (argon2id)."""

import asyncio
import base64
import secrets
from collections.abc import Sequence
from uuid import UUID

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION
from msgspec import Struct

from ondijon.kernel.errors import Refused
from ondijon.kernel.identity import Actor, Grant
from ondijon.kernel.ids import IdSource
from ondijon.kernel.ports import Row, Rows
from ondijon.web.errors import NotSignedIn
from ondijon.web.sessions import actor_of
from ondijon.web.throttle import Throttle

_SHORTEST, _LONGEST = 8, 256
# argon2-cffi's default is RFC 9106's low-memory profile: 64 MiB, 3 passes, 4 lanes.
_HASHER = PasswordHasher()
# 64 MiB for each hash under way: more at once would let strangers fill the memory.
_HASHES_AT_ONCE = 2


class PasswordProof(Struct, frozen=True):
    """What a person types."""

    username: str
    password: str


class Accounts:
    """Every way to sign in ends in `identify`: it answers with an actor or raises NotSignedIn or TooOften."""

    def __init__(self, rows: Rows, throttle: Throttle, hasher: PasswordHasher = _HASHER) -> None:
        self._rows = rows
        self._throttle = throttle
        self._hasher = hasher
        self._slots = asyncio.Semaphore(_HASHES_AT_ONCE)
        # Checked when the name is unknown, so that both answers take the same time.
        self._nobody = hash_of_nobody(hasher)

    async def identify(self, proof: PasswordProof, address: str) -> Actor:
        """Who gave this proof, from this network address; an unknown name and a wrong password look the same."""
        username = fold_username(proof.username)
        self._throttle.count_try(username, address)
        row = await _find_user(self._rows, username) if username else None
        # Somebody of the metropolis's directory has no password here, which must not show either.
        stored = self._nobody if row is None or row["password_hash"] is None else str(row["password_hash"])
        async with self._slots:
            matches = await asyncio.to_thread(self._verify, stored, proof.password[:_LONGEST])
        if row is None or not matches or len(proof.password) > _LONGEST:
            raise NotSignedIn("error.bad_credentials")
        self._throttle.forgive(username, address)
        return actor_of(row)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def hash_of_nobody(hasher: PasswordHasher) -> str:
    """What no password gives, at the cost of one that does (the PHC string of argon2), without hashing anything."""
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, digest = (
        base64.b64encode(secrets.token_bytes(length)).rstrip(b"=").decode()
        for length in (hasher.salt_len, hasher.hash_len)
    )
    return f"$argon2{hasher.type.name.lower()}$v={ARGON2_VERSION}${cost}${salt}${digest}"


async def create_user(
    rows: Rows, ids: IdSource, username: str, name: str, password: str, grants: Sequence[Grant]
) -> UUID:
    """Create a local account and return its id; raises Refused when the password or the username will not do."""
    if not _SHORTEST <= len(password) <= _LONGEST:
        raise Refused("error.bad_password", shortest=_SHORTEST, longest=_LONGEST)
    folded = fold_username(username)
    if not folded:
        raise Refused("error.bad_username")
    hashed = await asyncio.to_thread(_HASHER.hash, password)
    user_id = ids.new_id()
    created = await _insert_user(rows, user_id, ids.new_id(), folded, name, hashed, grants)
    if not created:
        raise Refused("error.username_taken", username=folded)
    return user_id


def fold_username(username: str) -> str:
    """Names are told apart without regard to case or surrounding blanks."""
    return username.strip().casefold()[:128]


async def _find_user(rows: Rows, username: str) -> Row | None:
    return await rows.fetch_one(
        """SELECT user_id, pseudonym, name, username, password_hash, grants
           FROM users WHERE username = $1 AND disabled_at IS NULL""",
        username,
    )


async def _insert_user(
    rows: Rows, user_id: UUID, pseudonym: UUID, username: str, name: str, password_hash: str, grants: Sequence[Grant]
) -> bool:
    row = await rows.fetch_one(
        """INSERT INTO users (user_id, pseudonym, username, name, password_hash, grants)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (username) DO NOTHING RETURNING user_id""",
        user_id,
        pseudonym,
        username,
        name,
        password_hash,
        msgspec.to_builtins(list(grants)),
    )
    return row is not None
