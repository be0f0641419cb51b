"""A session is a random token in a cookie, of which the rows keep only the SHA-256."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from ondijon.kernel.clock import Clock
from ondijon.kernel.identity import Actor, Grant
from ondijon.kernel.ports import Bus, Row, Rows

COOKIE = "ondijon_session"
LENGTH = timedelta(hours=12)
REVOKED_SUBJECT = "ondijon.session.revoked"
_REMEMBERED_S = 2.0
_MOST_REMEMBERED = 5_000
_SEEN_EVERY = timedelta(minutes=1)


class Revoked(Struct, frozen=True):
    """Some of a user's sessions have ended; whoever remembers them must look again."""

    user_id: UUID


class Person(Struct, frozen=True):
    """Somebody who is signed in, and by which session."""

    actor: Actor
    session: bytes
    ends_at: datetime


class _Remembered(Struct, frozen=True):
    person: Person
    until: float


def actor_of(row: Row) -> Actor:
    """An actor from a row of `users`."""
    grants = msgspec.convert(row["grants"], tuple[Grant, ...])
    return Actor(row["user_id"], row["pseudonym"], row["name"], row["username"], grants)


class Sessions:
    """Opens, finds and ends sessions; a found one is believed for 2 s, less when the bus tells of its end."""

    def __init__(self, rows: Rows, bus: Bus, clock: Clock, monotonic: Callable[[], float]) -> None:
        self._rows = rows
        self._bus = bus
        self._clock = clock
        self._monotonic = monotonic
        self._remembered: dict[bytes, _Remembered] = {}
        self._tell_here: Callable[[UUID], Awaitable[None]] | None = None

    async def start(self, tell: Callable[[UUID], Awaitable[None]]) -> None:
        """Listen to what any process revokes, and `tell` whose sessions it was once they are forgotten here."""
        self._tell_here = tell
        await self._bus.subscribe(REVOKED_SUBJECT, self._hear_revoked)

    async def open(self, user_id: UUID) -> str:
        """A new session's token, for the cookie."""
        token = secrets.token_urlsafe(32)
        now = self._clock.now()
        await _delete_ended(self._rows, now)
        await _insert(self._rows, _digest(token), user_id, now, now + LENGTH)
        return token

    async def find(self, token: str) -> Person | None:
        """Who holds this token, or None when it is no session or not any more."""
        return await self.find_by_digest(_digest(token))

    async def find_by_digest(self, session: bytes) -> Person | None:
        remembered = self._remembered.get(session)
        if remembered is not None and remembered.until > self._monotonic():
            return remembered.person if remembered.person.ends_at > self._clock.now() else None
        self._remembered.pop(session, None)
        return await self._look_up(session)

    async def close(self, person: Person) -> None:
        """End this one session."""
        await _delete_one(self._rows, person.session)
        await self._tell(person.actor.user_id)

    async def close_all(self, user_id: UUID) -> None:
        """End every session of a user."""
        await _delete_of_user(self._rows, user_id)
        await self._tell(user_id)

    async def _look_up(self, session: bytes) -> Person | None:
        now = self._clock.now()
        row = await _find(self._rows, session, now)
        if row is None:
            return None
        if now - row["seen_at"] >= _SEEN_EVERY:
            await _mark_seen(self._rows, session, now)
        person = Person(actor_of(row), session, row["ends_at"])
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[session] = _Remembered(person, self._monotonic() + _REMEMBERED_S)
        return person

    async def _tell(self, user_id: UUID) -> None:
        self._forget(user_id)
        await self._bus.publish(REVOKED_SUBJECT, msgspec.json.encode(Revoked(user_id)))

    async def _hear_revoked(self, _: str, payload: bytes) -> None:
        user_id = msgspec.json.decode(payload, type=Revoked).user_id
        self._forget(user_id)
        if self._tell_here is not None:
            await self._tell_here(user_id)

    def _forget(self, user_id: UUID) -> None:
        for session, remembered in list(self._remembered.items()):
            if remembered.person.actor.user_id == user_id:
                del self._remembered[session]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def _insert(rows: Rows, session: bytes, user_id: UUID, now: datetime, ends_at: datetime) -> None:
    await rows.execute(
        "INSERT INTO sessions (token_sha256, user_id, opened_at, seen_at, ends_at) VALUES ($1, $2, $3, $3, $4)",
        session,
        user_id,
        now,
        ends_at,
    )


async def _find(rows: Rows, session: bytes, now: datetime) -> Row | None:
    return await rows.fetch_one(
        """SELECT user_id, pseudonym, name, username, grants, seen_at, ends_at
           FROM sessions JOIN users USING (user_id)
           WHERE token_sha256 = $1 AND ends_at > $2 AND disabled_at IS NULL""",
        session,
        now,
    )


async def _mark_seen(rows: Rows, session: bytes, now: datetime) -> None:
    await rows.execute("UPDATE sessions SET seen_at = $2 WHERE token_sha256 = $1", session, now)


async def _delete_one(rows: Rows, session: bytes) -> None:
    await rows.execute("DELETE FROM sessions WHERE token_sha256 = $1", session)


async def _delete_of_user(rows: Rows, user_id: UUID) -> None:
    await rows.execute("DELETE FROM sessions WHERE user_id = $1", user_id)


async def _delete_ended(rows: Rows, now: datetime) -> None:
    await rows.execute("DELETE FROM sessions WHERE ends_at <= $1", now)
