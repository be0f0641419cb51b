"""Lines are found by one index, newest first, with the asker's rights as part of the question."""

from collections.abc import Sequence
from datetime import datetime

from ondijon.control_room.logbook.rules.search import BUCKET_BITS, Stems, Term
from ondijon.kernel.ports import Row, Rows

_WORDS = "logbook_words(line_no, kind, trade, commune, subject, text)"


async def stem(rows: Rows, terms: Sequence[Term]) -> list[Stems]:
    """Each term as the index knows it."""
    found = await rows.fetch(
        """SELECT s.written, coalesce(s.folded, '{}') AS folded, coalesce(s.pairs, '{}') AS pairs
           FROM unnest($1::text[]) WITH ORDINALITY AS asked(words, place), logbook_stems(asked.words) AS s
           ORDER BY asked.place""",
        [term.words for term in terms],
    )
    return [Stems(tuple(row["written"]), tuple(row["folded"]), tuple(row["pairs"])) for row in found]


async def find_last_line(rows: Rows) -> int:
    row = await rows.fetch_one("SELECT line_no FROM logbook_lines ORDER BY line_no DESC LIMIT 1")
    return 0 if row is None else int(row["line_no"])


async def list_buckets(rows: Rows, before: int, since: datetime | None, until: datetime | None) -> list[int]:
    """The buckets that may hold lines numbered below `before` of a period, newest first."""
    found = await rows.fetch(
        """SELECT bucket FROM logbook_buckets
           WHERE bucket <= ($1 - 1) >> $4 AND ($2::timestamptz IS NULL OR last_at >= $2)
               AND ($3::timestamptz IS NULL OR first_at < $3)
           ORDER BY bucket DESC""",
        before,
        since,
        until,
        BUCKET_BITS,
    )
    return [row["bucket"] for row in found]


async def list_newest(rows: Rows, before: int, most: int) -> Sequence[int]:
    """Numbers below `before`, newest first, whoever asks."""
    found = await rows.fetch(
        "SELECT line_no FROM logbook_lines WHERE line_no < $1 ORDER BY line_no DESC LIMIT $2", before, most
    )
    return [row["line_no"] for row in found]


async def list_found(
    rows: Rows,
    conditions: Sequence[str],
    phrases: Sequence[str],
    before: int,
    period: tuple[datetime | None, datetime | None],
    most: int,
) -> Sequence[int]:
    """Numbers below `before` of lines that meet all conditions (tsqueries), newest first.

    Each condition is one of its own to the index, which then skips from the next line that meets one to the next that
    meets another; joined into one tsquery they would make it read every line of the most seldom. The index finds a
    phrase by its pairs; longer ones are read again, because their pairs may stand apart.
    """
    met = " AND ".join(f"{_WORDS} @@ ${place}::text::tsquery" for place in range(6, 6 + len(conditions)))
    found = await rows.fetch(
        f"""WITH found AS MATERIALIZED (
                SELECT line_no FROM logbook_texts
                WHERE {met} AND line_no < $1
                    AND ($2::timestamptz IS NULL OR at >= $2) AND ($3::timestamptz IS NULL OR at < $3)
                    AND NOT EXISTS (
                        SELECT FROM unnest($4::text[]) AS phrase
                        WHERE NOT coalesce(to_tsvector('pg_catalog.french', logbook_fold(logbook_plain(text)))
                            @@ phraseto_tsquery('pg_catalog.french', logbook_fold(logbook_plain(phrase))), false)))
            SELECT line_no FROM found ORDER BY line_no DESC LIMIT $5""",  # noqa: S608 (only literals)
        before,
        *period,
        list(phrases),
        most,
        *conditions,
    )
    return [row["line_no"] for row in found]


async def list_lines(rows: Rows, line_nos: Sequence[int]) -> Sequence[Row]:
    """These lines, newest first, with their words, who wrote them and what corrects them."""
    return await rows.fetch(
        """SELECT l.line_no, l.at, l.kind, l.key, l.said, l.trade, l.commune, l.subject, l.actor, u.name AS by,
               l.corrects, c.line_no AS corrected_by, t.text, encode(l.text_sha256, 'hex') AS text_sha256, t.salt,
               encode(l.previous_hash, 'hex') AS previous_hash, encode(l.hash, 'hex') AS hash, l.event
           FROM logbook_lines l JOIN logbook_texts t USING (line_no)
               LEFT JOIN logbook_lines c ON c.corrects = l.line_no LEFT JOIN users u ON u.pseudonym = l.actor
           WHERE l.line_no = ANY($1) ORDER BY l.line_no DESC""",
        list(line_nos),
    )
