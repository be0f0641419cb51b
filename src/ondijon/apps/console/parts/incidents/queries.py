"""Incidents with their rights in the query: `seen` pairs trades and communes."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from ondijon.kernel.ports import Row, Rows
from ondijon.web.rights import Pairs

_SEEN = (
    "JOIN unnest($1::text[], $2::text[]) AS seen(trade, commune) ON (i.trade, i.commune) = (seen.trade, seen.commune)"
)
_COLUMNS = """i.*, i.position[0] AS lon, i.position[1] AS lat, t.content->>'fr' AS what, t.content->>'en' AS what_en,
    u.username AS owner_username, u.name AS owner_name, into_.number AS into_number,
    p.id AS pause_id, p.reason AS pause_reason, p.since AS pause_since, p.until AS pause_until,
    (SELECT count(*) FROM incident_sources x WHERE x.incident = i.id) AS sources,
    ARRAY(SELECT x.twin FROM incident_assets x WHERE x.incident = i.id ORDER BY x.at, x.twin) AS assets,
    (SELECT count(*) FROM incident_files x WHERE x.incident = i.id) AS files,
    (SELECT count(*) FROM incident_participants x WHERE x.incident = i.id AND x.released_at IS NULL) AS participants,
    (SELECT count(*) FROM incident_texts x WHERE x.incident = i.id AND x.kind = 'comment') AS comments"""
_FROM = f"""FROM incidents i {_SEEN}
    JOIN incident_types t ON (t.key, t.version) = (i.type, i.type_version)
    LEFT JOIN users u ON u.pseudonym = i.owner
    LEFT JOIN incidents into_ ON into_.id = i.merged_into
    LEFT JOIN incident_pauses p ON p.incident = i.id AND p.ended_at IS NULL"""
_DISTANCE = "sqrt(((i.position[0] - $9) * $11) ^ 2 + ((i.position[1] - $10) * $12) ^ 2)"
_WANTED = f"""($3 = 'all' OR ($3 = 'open') = (i.state IN ('reported', 'qualified', 'in_progress'))
        AND ($3 <> 'closed' OR i.state <> 'merged'))
    AND ($4::text IS NULL OR i.type = $4) AND ($5::text IS NULL OR i.commune = $5)
    AND ($6::uuid IS NULL OR i.owner = $6)
    AND ($7::text IS NULL OR concat_ws(' ', i.number, i.title, i.description, i.street, i.address,
        t.content->>'fr', t.content->>'en') ILIKE $7)
    AND ($8::float8 IS NULL OR (i.position <@ box(
        point($9::float8 - $8::float8 / $11::float8, $10::float8 - $8::float8 / $12::float8),
        point($9 + $8 / $11, $10 + $8 / $12)) AND {_DISTANCE} <= $8))"""


class Wanted(Struct, frozen=True):
    """What a list of incidents is about; near: within so many metres of lon, lat, with metres a degree there."""

    state: str
    type: str | None = None
    commune: str | None = None
    owner: UUID | None = None
    text: str | None = None
    within_m: float | None = None
    lon: float = 0.0
    lat: float = 0.0
    lon_m: float = 1.0
    lat_m: float = 1.0

    def arguments(self) -> tuple[object, ...]:
        pattern = None
        if self.text:
            escaped = self.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            pattern = f"%{escaped}%"
        place = (self.within_m, self.lon, self.lat, self.lon_m, self.lat_m)
        return (self.state, self.type, self.commune, self.owner, pattern, *place)


async def list_wanted(rows: Rows, seen: Pairs, wanted: Wanted, most: int) -> Sequence[Row]:
    """The nearest first when near something, else the most severe open ones first, then the newest."""
    return await rows.fetch(
        f"""SELECT {_COLUMNS}, CASE WHEN $8::float8 IS NULL THEN NULL ELSE {_DISTANCE} END AS distance_m
            {_FROM} WHERE {_WANTED}
            ORDER BY distance_m, i.state NOT IN ('reported', 'qualified', 'in_progress'), i.severity,
                i.opened_at DESC, i.id LIMIT $13""",
        seen.keys,
        seen.communes,
        *wanted.arguments(),
        most,
    )


async def count_wanted(rows: Rows, seen: Pairs, wanted: Wanted) -> int:
    row = await rows.fetch_one(
        f"SELECT count(*) AS total {_FROM} WHERE {_WANTED}",
        seen.keys,
        seen.communes,
        *wanted.arguments(),
    )
    return int(row["total"]) if row is not None else 0


async def find_one(rows: Rows, seen: Pairs, incident: UUID) -> Row | None:
    return await rows.fetch_one(
        f"SELECT {_COLUMNS}, NULL::float8 AS distance_m {_FROM} WHERE i.id = $3",
        seen.keys,
        seen.communes,
        incident,
    )


async def list_sources(rows: Rows, seen: Pairs, incident: UUID) -> Sequence[Row]:
    """Sources that it has, and those that it brought into another one; labels only of what may be seen."""
    return await rows.fetch(
        """WITH seen AS (SELECT * FROM unnest($1::text[], $2::text[]) AS pair(trade, commune))
           SELECT s.id, s.kind, s.source, s.at, s.by, u.name AS by_name, o.id AS origin_id, o.number AS origin_number,
               coalesce(CASE s.kind
                   WHEN 'alarm' THEN (SELECT coalesce(w.name, c.element) FROM alarm_cards c
                       LEFT JOIN twins w USING (twin_no) WHERE c.id = s.source::uuid
                       AND EXISTS (SELECT FROM seen WHERE seen.trade = c.trade AND c.by_commune ? seen.commune))
                   WHEN 'incident' THEN (SELECT m.number FROM incidents m JOIN seen USING (trade, commune)
                       WHERE m.id = s.source::uuid)
                   WHEN 'call' THEN ''
                   ELSE s.source END, '') AS label
           FROM incident_sources s LEFT JOIN users u ON u.pseudonym = s.by
           LEFT JOIN (incidents o JOIN seen USING (trade, commune)) ON o.id = s.origin AND s.origin <> $3
           WHERE s.incident = $3 OR s.origin = $3 ORDER BY s.at, s.id""",
        seen.keys,
        seen.communes,
        incident,
    )


async def list_files(rows: Rows, incident: UUID) -> Sequence[Row]:
    return await rows.fetch(
        """SELECT f.id, f.name, f.media_type, f.bytes, f.width, f.height, f.at, f.by, u.name AS by_name
           FROM incident_files f LEFT JOIN users u ON u.pseudonym = f.by WHERE f.incident = $1 ORDER BY f.at, f.id""",
        incident,
    )


async def list_participants(rows: Rows, incident: UUID) -> Sequence[Row]:
    return await rows.fetch("SELECT * FROM incident_participants WHERE incident = $1 ORDER BY at, id", incident)


async def list_moments(rows: Rows, incident: UUID, most: int) -> Sequence[Row]:
    """The facts of an incident, the newest first, with what persons wrote."""
    return await rows.fetch(
        """SELECT e.id, e.at, e.key, e.actor, e.payload, u.name AS by_name, x.text
           FROM events e LEFT JOIN users u ON u.pseudonym = e.actor
           LEFT JOIN incident_texts x ON x.id::text = e.payload->>'text' AND x.incident = $2
           WHERE e.subject = $1 ORDER BY e.at DESC, e.event_no DESC LIMIT $3""",
        f"incident:{incident}",
        incident,
        most,
    )


async def list_names(rows: Rows, pseudonyms: Sequence[UUID]) -> Sequence[Row]:
    return await rows.fetch("SELECT pseudonym, name FROM users WHERE pseudonym = ANY($1)", list(pseudonyms))


async def list_types(rows: Rows, trades: Sequence[str]) -> Sequence[Row]:
    return await rows.fetch(
        "SELECT content FROM incident_types WHERE until IS NULL AND trade = ANY($1) ORDER BY place", list(trades)
    )


async def list_people(rows: Rows) -> Sequence[Row]:
    return await rows.fetch(
        "SELECT user_id, pseudonym, username, name, grants FROM users WHERE disabled_at IS NULL ORDER BY name, username"
    )


async def insert_file(rows: Rows, values: Sequence[object]) -> None:
    """A file that waits to be attached: id, name, media type, width, height, size, SHA-256, content, by, at."""
    await rows.execute(
        """INSERT INTO incident_files (id, name, media_type, width, height, bytes, sha256, content, by, at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        *values,
    )


async def find_file(rows: Rows, incident: UUID, file: UUID) -> Row | None:
    return await rows.fetch_one(
        "SELECT name, media_type, content, sha256 FROM incident_files WHERE incident = $1 AND id = $2", incident, file
    )


async def list_pictures(rows: Rows, incident: UUID, most: int) -> Sequence[Row]:
    """The first pictures of an incident, for printing."""
    return await rows.fetch(
        """SELECT name, at, content FROM incident_files
           WHERE incident = $1 AND media_type LIKE 'image/%' ORDER BY at, id LIMIT $2""",
        incident,
        most,
    )


async def find_type(rows: Rows, incident: UUID) -> Row | None:
    """The version of its type that an incident was opened or qualified under."""
    return await rows.fetch_one(
        """SELECT t.content FROM incidents i JOIN incident_types t ON (t.key, t.version) = (i.type, i.type_version)
           WHERE i.id = $1""",
        incident,
    )
