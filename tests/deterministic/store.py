"""Rows in memory behind the kernel's Rows port: transactions, row locks and unique keys as PostgreSQL has them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

import numpy as np

from ondijon.kernel.arrays import Bytes8, Floats, Ints16, Ints32, Ints64
from ondijon.kernel.errors import EngineAway
from ondijon.kernel.ports import Row, Transaction

Key = tuple[str, Any]
Record = dict[Any, Any]
Meaning = Callable[..., list[Record]]
Meanings = Callable[[str], Meaning]
READINGS = "readings"


class StoreAway(EngineAway, ConnectionError):
    """The database is away; a commit under way may or may not have happened."""


class MustWait(Exception):
    """A statement met a row that another transaction has written."""

    def __init__(self, owner: "MemoryTransaction") -> None:
        self.owner = owner


class Rhythm(Protocol):
    """When a process goes on: each call of a port waits its turn here, for ever when the process was killed."""

    async def step(self) -> None: ...


class MemoryStore:
    """What has committed; `commits` counts, `on_commit` hears what each commit wrote."""

    def __init__(self, on_commit: Callable[[dict[Key, Record | None]], None]) -> None:
        self.tables: dict[str, dict[Any, Record]] = {}
        self.locks: dict[Key, MemoryTransaction] = {}
        self.away = False
        self.commits = 0
        self.on_commit = on_commit

    def table(self, name: str) -> dict[Any, Record]:
        """The committed rows of a table, by key."""
        return self.tables.setdefault(name, {})


class MemoryTransaction:
    """The Transaction port; also the view that a statement's meaning reads and writes.

    Each statement of the runtime that a run may meet is known by its whole text and has its meaning beside it
    (`statements_*.py`); one that is not known stops the run. Isolation is READ COMMITTED: a statement sees what has
    committed and its own transaction, waits for a row that another transaction has written, and then looks again.
    """

    def __init__(self, store: MemoryStore, rhythm: Rhythm, meanings: Meanings) -> None:
        self._store = store
        self._rhythm = rhythm
        self._meanings = meanings
        self.written: dict[Key, Record | None] = {}
        self._mine: list[Key] = []
        self.waits_for: MemoryTransaction | None = None
        self.ended: asyncio.Future[None] | None = None
        self.over = False

    # What meanings use.

    def get(self, table: str, key: Any) -> Record | None:
        place = (table, key)
        return self.written[place] if place in self.written else self._store.table(table).get(key)

    def each(self, table: str) -> Iterator[tuple[Any, Record]]:
        """Every row that this transaction sees, in the order of insertion."""
        for key, row in list(self._store.table(table).items()):
            if (table, key) not in self.written:
                yield key, row
        for (name, key), own in list(self.written.items()):
            if name == table and own is not None:
                yield key, own

    def lock(self, table: str, key: Any) -> None:
        """Take a row (or any other name) for this transaction; raises MustWait when another has it."""
        place = (table, key)
        owner = self._store.locks.get(place)
        if owner is not None and owner is not self:
            raise MustWait(owner)
        if owner is None:
            self._store.locks[place] = self
            self._mine.append(place)

    def put(self, table: str, key: Any, row: Record | None) -> None:
        """Write a row whole; None deletes it."""
        self.lock(table, key)
        self.written[table, key] = row

    def change(self, table: str, key: Any, **values: Any) -> Record:
        row = self.get(table, key)
        assert row is not None
        changed = {**row, **values}
        self.put(table, key, changed)
        return changed

    # The port.

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        await self._rhythm.step()
        self._must_be_there()
        meaning = self._meanings(sql)
        while True:
            before = dict(self.written)
            try:
                return meaning(self, *arguments)
            except MustWait as met:
                self.written = before
                await self._wait_for(met.owner)
                self._must_be_there()

    async def fetch_one(self, sql: str, *arguments: object) -> Row | None:
        found = await self.fetch(sql, *arguments)
        return found[0] if found else None

    async def execute(self, sql: str, *arguments: object) -> str:
        return f"DONE {len(await self.fetch(sql, *arguments))}"

    async def copy_rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        await self._rhythm.step()
        self._must_be_there()
        self._meanings(f"COPY {table}")(self, [dict(zip(columns, row, strict=True)) for row in rows])

    async def copy_readings(
        self,
        twin_no: Ints32,
        property_no: Ints16,
        observed_us: Ints64,
        received_us: Ints64,
        value: Floats,
        quality: Bytes8,
    ) -> None:
        await self._rhythm.step()
        self._must_be_there()
        place = sum(name == READINGS for name, _ in self.written)
        arrays = (twin_no, property_no, observed_us, received_us, value, quality)
        names = ("twin_no", "property_no", "observed_us", "received_us", "value", "quality")
        row = {name: np.array(array) for name, array in zip(names, arrays, strict=True)}
        # Nobody else ever writes this row: it needs no lock.
        self.written[READINGS, place] = row

    def end(self, *, commit: bool) -> None:
        """All or nothing; whoever waits goes on."""
        if self.over:
            return
        self.over = True
        if commit and self.written:
            self._store.commits += 1
            for number, ((table, key), row) in enumerate(self.written.items()):
                if row is None:
                    self._store.table(table).pop(key, None)
                elif table == READINGS:
                    self._store.table(table)[self._store.commits, number] = row
                else:
                    self._store.table(table)[key] = row
            self._store.on_commit(self.written)
        for place in self._mine:
            del self._store.locks[place]
        if self.ended is not None:
            self.ended.set_result(None)

    async def _wait_for(self, owner: "MemoryTransaction") -> None:
        self.waits_for = owner
        chain: MemoryTransaction | None = owner
        while chain is not None:
            if chain is self:
                raise AssertionError("two transactions wait for each other")
            chain = chain.waits_for
        if owner.ended is None:
            owner.ended = asyncio.get_running_loop().create_future()
        await asyncio.shield(owner.ended)
        self.waits_for = None

    def _must_be_there(self) -> None:
        if self._store.away or self.over:
            raise StoreAway("error.engine_away")


class MemoryRows:
    """The Rows port of one process."""

    def __init__(self, store: MemoryStore, rhythm: Rhythm, meanings: Meanings) -> None:
        self._store = store
        self._rhythm = rhythm
        self._meanings = meanings
        self.open: list[MemoryTransaction] = []

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        """A statement of its own: one step, then all of it."""
        await self._rhythm.step()
        if self._store.away:
            raise StoreAway("error.engine_away")
        tx = MemoryTransaction(self._store, self._rhythm, self._meanings)
        try:
            found = self._meanings(sql)(tx, *arguments)
        except MustWait:
            tx.end(commit=False)
            async with self.transaction() as waiting:
                return await waiting.fetch(sql, *arguments)
        tx.end(commit=True)
        return found

    async def fetch_one(self, sql: str, *arguments: object) -> Row | None:
        found = await self.fetch(sql, *arguments)
        return found[0] if found else None

    async def execute(self, sql: str, *arguments: object) -> str:
        return f"DONE {len(await self.fetch(sql, *arguments))}"

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Commit at the end of the block, roll back on any exception."""
        return self._transaction()

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Transaction]:
        if self._store.away:
            await self._rhythm.step()
            raise StoreAway("error.engine_away")
        tx = MemoryTransaction(self._store, self._rhythm, self._meanings)
        self.open.append(tx)
        try:
            yield tx
            await self._rhythm.step()
            tx._must_be_there()
            tx.end(commit=True)
            # The answer to a commit may get lost on its way back.
            await self._rhythm.step()
            if self._store.away:
                raise StoreAway("error.engine_away")
        finally:
            tx.end(commit=False)
            self.open.remove(tx)

    def cut(self) -> None:
        """The process or the database is gone: what had not committed never happened."""
        for tx in self.open:
            tx.end(commit=False)
