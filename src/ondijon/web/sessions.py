"""A session is a random token in a cookie, of which the rows keep only the SHA-256."""

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from msgspec import Struct

from ondijon.kernel.clock import Clock
from ondijon.kernel.identity import EVERY, GLASS_ROLE, GLASS_VERBS, IDLE_LOCK_MIN, Actor, Grant
from ondijon.kernel.ports import Bus, Row, Rows
from ondijon.web import session_queries as queries
from ondijon.web.standing import Standing
from ondijon.web.whence import UNKNOWN, Whence

COOKIE = "ondijon_session"
LENGTH = timedelta(hours=12)
REVOKED_SUBJECT = "ondijon.session.revoked"
_ROOM_SUBJECT = "ondijon.room"
_OF_USER = "user:"
_REMEMBERED_S = 2.0
_MOST_REMEMBERED = 5_000
_NAMED = b"ondijon.session.id"
_GLASS = Grant(GLASS_ROLE, (EVERY,), (EVERY,), GLASS_VERBS)


class Revoked(Struct, frozen=True):
    """Some of a user's sessions have ended, locked or unlocked; whoever remembers them must look again."""

    user_id: UUID


class RoomNews(Struct, frozen=True):
    """What the room's door announces after a commit, as far as sessions are concerned."""

    part: str
    subject: str


class Person(Struct, frozen=True):
    """Somebody who is signed in, and by which session; valid until `changes_at`, then to be looked up again."""

    actor: Actor
    session: bytes
    ends_at: datetime
    session_id: UUID = UUID(int=0)
    is_locked: bool = False
    idle_lock_s: int | None = None
    glass_until: datetime | None = None
    changes_at: datetime | None = None

    def holds_at(self, now: datetime) -> bool:
        """Whether time alone has changed nothing since it was read."""
        return now < (self.changes_at or self.ends_at)


class OwnSession(Struct, frozen=True):
    """One of a person's sessions, as that person sees it."""

    id: UUID
    opened_at: datetime
    seen_at: datetime
    here: bool
    is_locked: bool
    browser: str
    network: str


class _Remembered(Struct, frozen=True):
    person: Person
    until: float


def actor_of(row: Row, glass_until: datetime | None = None) -> Actor:
    """An actor from a row of `users`; with every right while the glass is broken."""
    grants = msgspec.convert(row["grants"], tuple[Grant, ...])
    if glass_until is not None:
        grants = (*grants, _GLASS)
    return Actor(row["user_id"], row["pseudonym"], row["name"], row["username"], grants)


class Sessions:
    """Opens, finds, locks and ends sessions; a found one is believed for 2 s, less when the bus tells of a change."""

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
        await self._bus.subscribe(_ROOM_SUBJECT, self._hear_room)

    async def open(self, user_id: UUID, whence: Whence = UNKNOWN, idle_lock_s: int | None = IDLE_LOCK_MIN * 60) -> str:
        """A new session's token, for the cookie; idle_lock_s None = it never locks by itself."""
        token = secrets.token_urlsafe(32)
        session, now = digest_of(token), self._clock.now()
        await queries.delete_ended(self._rows, now)
        named = UUID(bytes=hashlib.sha256(_NAMED + session).digest()[:16])
        values = (session, user_id, now, now + LENGTH, named, idle_lock_s, whence.browser, whence.network)
        await queries.insert(self._rows, values)
        return token

    async def find(self, token: str) -> Person | None:
        """Who holds this token, locked or not, or None when it is no session or not any more."""
        return await self.find_by_digest(digest_of(token))

    async def find_by_digest(self, session: bytes) -> Person | None:
        remembered = self._remembered.get(session)
        if (
            remembered is not None
            and remembered.until > self._monotonic()
            and remembered.person.holds_at(self._clock.now())
        ):
            return remembered.person
        self._remembered.pop(session, None)
        return await self._look_up(session)

    async def list_of(self, person: Person) -> list[OwnSession]:
        """A person's sessions that have not ended, the last used first."""
        now = self._clock.now()
        return [
            OwnSession(
                id=row["id"],
                opened_at=row["opened_at"],
                seen_at=row["seen_at"],
                here=row["token_sha256"] == person.session,
                is_locked=_standing(row).state_at(now) == "locked",
                browser=row["browser"],
                network=row["network"],
            )
            for row in await queries.list_of_user(self._rows, person.actor.user_id, now)
        ]

    async def note_input(self, person: Person) -> None:
        """The person has typed or pointed since: the session stays open for as long again."""
        await queries.mark_seen(self._rows, person.session, self._clock.now())
        self._remembered.pop(person.session, None)

    async def lock(self, person: Person) -> None:
        """Lock this session now, on every screen of it."""
        await queries.mark_locked(self._rows, person.session, self._clock.now())
        await self._tell(person.actor.user_id)

    async def unlock(self, person: Person) -> None:
        """Open it again; only after the person has proved who it is."""
        await queries.mark_unlocked(self._rows, person.session, self._clock.now())
        await self._tell(person.actor.user_id)

    async def close(self, person: Person) -> None:
        """End this one session."""
        await queries.delete_one(self._rows, person.session)
        await self._tell(person.actor.user_id)

    async def close_all(self, user_id: UUID) -> None:
        """End every session of a user."""
        await queries.delete_of_user(self._rows, user_id)
        await self._tell(user_id)

    async def look_again(self, user_id: UUID) -> None:
        """A user's rights have changed: whoever remembers them must forget."""
        await self._tell(user_id)

    async def _look_up(self, session: bytes) -> Person | None:
        now = self._clock.now()
        row = await queries.find(self._rows, session, now)
        if row is None:
            return None
        standing = _standing(row)
        is_locked = standing.state_at(now) == "locked"
        if is_locked and row["locked_at"] is None:
            await queries.mark_locked(self._rows, session, now)
        person = _person(row, session, standing, now)
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[session] = _Remembered(person, self._monotonic() + _REMEMBERED_S)
        return person

    async def _tell(self, user_id: UUID) -> None:
        self._forget(user_id)
        await self._bus.publish(REVOKED_SUBJECT, msgspec.json.encode(Revoked(user_id)))

    async def _hear_revoked(self, _: str, payload: bytes) -> None:
        await self._look_again_here(msgspec.json.decode(payload, type=Revoked).user_id)

    async def _hear_room(self, _: str, payload: bytes) -> None:
        news = msgspec.json.decode(payload, type=RoomNews)
        if news.part == "identity" and news.subject.startswith(_OF_USER):
            await self._look_again_here(UUID(news.subject.removeprefix(_OF_USER)))

    async def _look_again_here(self, user_id: UUID) -> None:
        self._forget(user_id)
        if self._tell_here is not None:
            await self._tell_here(user_id)

    def _forget(self, user_id: UUID) -> None:
        for session, remembered in list(self._remembered.items()):
            if remembered.person.actor.user_id == user_id:
                del self._remembered[session]


def digest_of(token: str) -> bytes:
    """What the rows keep of a token."""
    return hashlib.sha256(token.encode()).digest()


def _standing(row: Row) -> Standing:
    return Standing(row["seen_at"], row["ends_at"], row["locked_at"], row["idle_lock_s"])


def _person(row: Row, session: bytes, standing: Standing, now: datetime) -> Person:
    glass_until = row["glass_until"]
    if glass_until is not None and glass_until <= now:
        glass_until = None
    changes_at = standing.changes_at(now)
    return Person(
        actor=actor_of(row, glass_until),
        session=session,
        session_id=row["id"],
        ends_at=row["ends_at"],
        is_locked=standing.state_at(now) == "locked",
        idle_lock_s=row["idle_lock_s"],
        glass_until=glass_until,
        changes_at=changes_at if glass_until is None else min(changes_at, glass_until),
    )
