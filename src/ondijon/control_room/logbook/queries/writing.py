"""Lines go in at the end, one writer at a time, with their words beside them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ondijon.control_room.logbook.model import EMPTY, Line, Seal
from ondijon.control_room.logbook.rules.facts import Gathered
from ondijon.control_room.logbook.rules.search import BUCKET_BITS
from ondijon.kernel.ports import Row, Transaction

_LINE = "line_no at kind key said trade commune subject actor corrects event text_sha256 previous_hash hash".split()
_TEXT = "line_no at kind trade commune subject text salt personal_since".split()


async def lock_end(tx: Transaction) -> None:
    """One writer at a time until the transaction ends: numbers have no gap, and the chain no fork."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtext('ondijon.logbook'))")


async def find_end(tx: Transaction) -> Seal:
    """The last line's seal; a statement of its own after the lock, so that it sees what the former writer wrote."""
    row = await tx.fetch_one("SELECT line_no, hash FROM logbook_lines ORDER BY line_no DESC LIMIT 1")
    return EMPTY if row is None else Seal(row["line_no"], row["hash"])


async def list_written(tx: Transaction, events: Sequence[UUID]) -> frozenset[UUID]:
    """Which of these events have their line already."""
    rows = await tx.fetch("SELECT event FROM logbook_lines WHERE event = ANY($1)", list(events))
    return frozenset(row["event"] for row in rows)


async def insert_lines(tx: Transaction, lines: Sequence[Line]) -> None:
    records, texts = [], []
    for line in lines:
        draft = line.draft
        personal_since = None if draft.kind == "automatic" else draft.at
        records.append(
            (line.line_no, draft.at, draft.kind, draft.key, draft.said, draft.trade, draft.commune, draft.subject,
             draft.actor, draft.corrects, draft.event, line.text_sha256, line.previous_hash, line.hash)
        )  # fmt: skip
        texts.append(
            (line.line_no, draft.at, draft.kind, draft.trade, draft.commune, draft.subject, draft.text, line.salt,
             personal_since)
        )  # fmt: skip
    await tx.copy_rows("logbook_lines", _LINE, records)
    await tx.copy_rows("logbook_texts", _TEXT, texts)


async def widen_buckets(tx: Transaction, lines: Sequence[Line]) -> None:
    """Note when the lines of each bucket happened."""
    await tx.execute(
        """INSERT INTO logbook_buckets AS known (bucket, first_at, last_at)
           SELECT line_no >> $3, min(at), max(at) FROM unnest($1::bigint[], $2::timestamptz[]) AS new(line_no, at)
           GROUP BY 1
           ON CONFLICT (bucket) DO UPDATE SET first_at = least(known.first_at, excluded.first_at),
               last_at = greatest(known.last_at, excluded.last_at)
           WHERE known.first_at > excluded.first_at OR known.last_at < excluded.last_at""",
        [line.line_no for line in lines],
        [line.draft.at for line in lines],
        BUCKET_BITS,
    )


async def find_corrigible(tx: Transaction, line_no: int) -> Row | None:
    """What a line is about, and the number of the line that corrects it already, if any."""
    return await tx.fetch_one(
        """SELECT l.line_no, l.trade, l.commune, l.subject, c.line_no AS corrected_by
           FROM logbook_lines l LEFT JOIN logbook_lines c ON c.corrects = l.line_no WHERE l.line_no = $1""",
        line_no,
    )


async def add_gathered(tx: Transaction, found: Sequence[Gathered], most_names: int) -> None:
    for one in found:
        await tx.execute(
            """INSERT INTO logbook_gathered AS known (key, minute, count, names) VALUES ($1, $2, $3, $4)
               ON CONFLICT (key, minute) DO UPDATE SET count = known.count + excluded.count,
                   names = (known.names || excluded.names)[1:$5]""",
            one.key,
            one.minute,
            one.count,
            list(one.names),
            most_names,
        )


async def take_gathered(tx: Transaction, before: datetime) -> list[Gathered]:
    """The minutes that are over, in order; they are counted no more."""
    rows = await tx.fetch("DELETE FROM logbook_gathered WHERE minute < $1 RETURNING key, minute, count, names", before)
    found = [Gathered(row["key"], row["minute"], row["count"], tuple(row["names"])) for row in rows]
    return sorted(found, key=lambda one: (one.minute, one.key))
