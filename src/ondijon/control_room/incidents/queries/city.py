"""What incidents look up beside their own tables: communes, addresses, people, alarm cards, the catalogue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ondijon.kernel.ports import Row, Transaction


async def list_communes_near(tx: Transaction, lon: float, lat: float) -> Sequence[Row]:
    """All communes, the one with the nearest centre first."""
    return await tx.fetch("SELECT insee FROM communes ORDER BY point(lon, lat) <-> point($1, $2), insee", lon, lat)


async def get_boundary(tx: Transaction, insee: str) -> Any:
    row = await tx.fetch_one("SELECT boundary FROM communes WHERE insee = $1", insee)
    return row["boundary"] if row is not None else []


async def find_address(tx: Transaction, lon: float, lat: float, reach_deg: float) -> Row | None:
    """The nearest house number within a square of `reach_deg` to each side."""
    return await tx.fetch_one(
        """SELECT a.number, s.name AS street, s.commune FROM addresses a JOIN streets s USING (street_id)
           WHERE a.position <@ box(point($1::float8 - $3::float8, $2::float8 - $3::float8),
               point($1::float8 + $3::float8, $2::float8 + $3::float8))
           ORDER BY a.position <-> point($1::float8, $2::float8) LIMIT 1""",
        lon,
        lat,
        reach_deg,
    )


async def find_street_of_twin(tx: Transaction, urn: str) -> Row | None:
    return await tx.fetch_one(
        "SELECT s.name AS street FROM twins t JOIN streets s USING (street_id) WHERE t.urn = $1", urn
    )


async def find_person(tx: Transaction, username: str) -> Row | None:
    return await tx.fetch_one(
        """SELECT user_id, pseudonym, name, username, grants FROM users
           WHERE username = $1 AND disabled_at IS NULL""",
        username,
    )


async def lock_card(tx: Transaction, card: UUID) -> Row | None:
    """An alarm card, so that nobody else makes an incident of it now."""
    return await tx.fetch_one(
        """SELECT c.id, c.kind, c.type, c.trade, c.position[0] AS lon, c.position[1] AS lat, c.by_commune, c.incident,
               t.urn AS twin
           FROM alarm_cards c LEFT JOIN twins t USING (twin_no) WHERE c.id = $1 FOR UPDATE OF c""",
        card,
    )


async def set_card_incident(tx: Transaction, card: UUID, incident: UUID) -> None:
    await tx.execute("UPDATE alarm_cards SET incident = $2, version = version + 1 WHERE id = $1", card, incident)


async def list_types(tx: Transaction) -> Sequence[Row]:
    """The catalogue as it is now, in its file's order."""
    return await tx.fetch("SELECT key, version, content, place FROM incident_types WHERE until IS NULL ORDER BY place")


async def end_type(tx: Transaction, key: str, at: datetime) -> None:
    await tx.execute("UPDATE incident_types SET until = $2 WHERE key = $1 AND until IS NULL", key, at)


async def place_type(tx: Transaction, key: str, place: int) -> None:
    await tx.execute("UPDATE incident_types SET place = $2 WHERE key = $1 AND until IS NULL", key, place)


async def insert_type(tx: Transaction, content: dict[str, Any], place: int, at: datetime) -> None:
    """A new version of a type."""
    await tx.execute(
        """INSERT INTO incident_types
               (key, version, since, trade, severity, respond_s, resolve_s, content, place)
           SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, $6, $7, $8 FROM incident_types WHERE key = $1""",
        content["key"],
        at,
        content["trade"],
        content["severity"],
        content["respond_s"],
        content["resolve_s"],
        content,
        place,
    )
