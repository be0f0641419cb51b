"""Calls with their rights in the query: communes that are seen, and those where calls may be answered."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ondijon.apps.console.parts.calls.shapes import ListOf
from ondijon.kernel.ports import Row, Rows
from ondijon.web.rights import Pairs

# A call that nobody has placed yet has no commune: who sees calls anywhere sees it, or nobody could answer.
_SEEN = "(c.commune = ANY($1) OR (c.commune IS NULL AND cardinality($1::text[]) > 0))"
_ANSWERS = "(c.commune = ANY($2) OR (c.commune IS NULL AND cardinality($2::text[]) > 0))"
_CALL = f"""SELECT c.*, c.position[0] AS lon, c.position[1] AS lat, u.username, u.name AS taken_name,
        {_ANSWERS} AS may_answer, p.number, p.name, w.text, w.answers, w.promise,
        i.id AS incident_id, i.number AS incident_number, i.state AS incident_state,
        coalesce(i.title, t.content->>'fr') AS incident_title
    FROM calls c
    LEFT JOIN users u ON u.pseudonym = c.taken_by
    LEFT JOIN callers p ON p.call = c.id AND {_ANSWERS}
    LEFT JOIN call_words w ON w.call = c.id AND {_ANSWERS}
    LEFT JOIN incidents i ON i.id = c.incident
        AND EXISTS (SELECT 1 FROM unnest($3::text[], $4::text[]) AS seen(trade, commune)
                    WHERE (seen.trade, seen.commune) = (i.trade, i.commune))
    LEFT JOIN incident_types t ON (t.key, t.version) = (i.type, i.type_version)
    WHERE {_SEEN}"""  # noqa: S608 (literals above)
_LISTS: dict[ListOf, str] = {
    "ringing": "c.state = 'ringing' AND $5::uuid IS NOT NULL ORDER BY c.rang_at",
    "open": "c.state = 'open' AND $5::uuid IS NOT NULL ORDER BY c.rang_at",
    "mine": "c.taken_by = $5 ORDER BY c.state <> 'open', c.rang_at DESC",
    "call_back": """c.call_back = 'wanted' AND $5::uuid IS NOT NULL
        ORDER BY c.promise_at NULLS LAST, c.call_back_since""",
    "recent": "c.state IN ('ended', 'abandoned') AND $5::uuid IS NOT NULL ORDER BY c.rang_at DESC",
}


class Reach(Struct, frozen=True):
    """What a person sees: communes of calls, those where they may answer, and (trade, commune) of incidents."""

    seen: list[str]
    answers: list[str]
    incidents: Pairs
    pseudonym: UUID

    def arguments(self) -> tuple[object, ...]:
        return self.seen, self.answers, self.incidents.keys, self.incidents.communes


async def list_calls(rows: Rows, reach: Reach, wanted: ListOf, most: int) -> Sequence[Row]:
    return await rows.fetch(
        f"{_CALL} AND {_LISTS[wanted]} LIMIT $6",
        *reach.arguments(),
        reach.pseudonym,
        most,
    )


async def find_call(rows: Rows, reach: Reach, call: UUID) -> Row | None:
    return await rows.fetch_one(f"{_CALL} AND c.id = $5", *reach.arguments(), call)


async def list_tries(rows: Rows, call: UUID) -> Sequence[Row]:
    """The attempts to call back, in their order; ask only for a call that the person may answer."""
    return await rows.fetch(
        """SELECT b.at, u.name AS by, b.outcome, coalesce(b.text, '') AS text
           FROM call_backs b LEFT JOIN users u ON u.pseudonym = b.by WHERE b.call = $1 ORDER BY b.at""",
        call,
    )


async def count_by_quarter(rows: Rows, seen: list[str], since: datetime, within_s: float) -> Sequence[Row]:
    """The queue of the telephone by quarter of an hour; cards opened by hand never waited in it."""
    return await rows.fetch(
        f"""SELECT date_bin('15 minutes', c.rang_at, $2) AS at, count(*) AS offered, count(c.answered_at) AS answered,
                   count(*) FILTER (WHERE c.state = 'abandoned') AS abandoned,
                   count(*) FILTER (WHERE c.answered_at - c.rang_at <= make_interval(secs => $3)) AS in_time,
                   coalesce(sum(extract(epoch FROM c.answered_at - c.rang_at)), 0)::float8 AS wait_s
            FROM calls c WHERE {_SEEN} AND c.channel = 'cti' AND NOT c.lost AND c.rang_at >= $2
            GROUP BY 1 ORDER BY 1""",  # noqa: S608 (literal above)
        seen,
        since,
        within_s,
    )


async def find_waiting(rows: Rows, seen: list[str]) -> Row:
    """How many ring, and since when the first of them does."""
    row = await rows.fetch_one(
        f"SELECT count(*) AS waiting, min(c.rang_at) AS since FROM calls c WHERE {_SEEN} AND c.state = 'ringing'",  # noqa: S608
        seen,
    )
    assert row is not None
    return row


async def count_by_hour(rows: Rows, seen: list[str], since: datetime, timezone: str) -> Sequence[Row]:
    """For each local day and hour: calls, how long those that ended took, and how many people answered."""
    return await rows.fetch(
        f"""SELECT (c.rang_at AT TIME ZONE $3)::date AS day,
                   extract(hour FROM c.rang_at AT TIME ZONE $3)::integer AS hour, count(*) AS calls,
                   count(*) FILTER (WHERE c.answered_at < c.hung_up_at) AS handled,
                   coalesce(sum(extract(epoch FROM c.hung_up_at - c.answered_at))
                            FILTER (WHERE c.answered_at < c.hung_up_at), 0)::float8 AS handling_s,
                   count(DISTINCT c.taken_by) AS agents
            FROM calls c WHERE {_SEEN} AND c.channel = 'cti' AND NOT c.lost AND c.rang_at >= $2
            GROUP BY 1, 2""",  # noqa: S608 (literal above)
        seen,
        since,
        timezone,
    )


async def find_token(rows: Rows, sha256: bytes) -> Row | None:
    return await rows.fetch_one("SELECT made_at FROM cti_tokens WHERE sha256 = $1 AND ended_at IS NULL", sha256)
