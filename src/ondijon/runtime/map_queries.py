"""The SQL of what stands still in a city: communes, streets, addresses, crossings, landscape."""

from collections.abc import Sequence

from ondijon.kernel.inventory import Address, Commune, Crossing, Landscape, Street
from ondijon.kernel.ports import Row, Transaction


async def list_communes(tx: Transaction) -> Sequence[Row]:
    return await tx.fetch("SELECT insee, code, name, population, area_km2, lon, lat, boundary FROM communes")


async def list_streets(tx: Transaction) -> Sequence[Row]:
    return await tx.fetch(
        """SELECT street_id, name, commune, street_class, one_way, line, vehicles_per_day, counted_year
           FROM streets"""
    )


async def list_addresses(tx: Transaction) -> Sequence[Row]:
    return await tx.fetch("SELECT street_id, number, position[0] AS lon, position[1] AS lat, street FROM addresses")


async def list_crossings(tx: Transaction) -> Sequence[Row]:
    return await tx.fetch("SELECT street_id, commune, position[0] AS lon, position[1] AS lat FROM crossings")


async def list_landscape(tx: Transaction) -> Sequence[Row]:
    return await tx.fetch("SELECT kind, name, shape FROM landscape")


async def write_commune(tx: Transaction, code: int, commune: Commune) -> None:
    await tx.execute(
        """INSERT INTO communes (insee, code, name, population, area_km2, lon, lat, boundary)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (insee) DO UPDATE SET name = excluded.name, population = excluded.population,
               area_km2 = excluded.area_km2, lon = excluded.lon, lat = excluded.lat,
               boundary = excluded.boundary""",
        commune.insee,
        code,
        commune.name,
        commune.population,
        commune.area_km2,
        commune.center[0],
        commune.center[1],
        commune.boundary,
    )


_STREET = ("street_id", "name", "commune", "street_class", "one_way", "line", "vehicles_per_day", "counted_year")


async def write_streets(tx: Transaction, streets: Sequence[Street]) -> None:
    """Create these streets, or change those that stand under the same id."""
    await tx.execute("CREATE TEMPORARY TABLE staged_streets (LIKE streets) ON COMMIT DROP")
    await tx.copy_rows("staged_streets", _STREET, [tuple(getattr(one, name) for name in _STREET) for one in streets])
    await tx.execute(
        """INSERT INTO streets (street_id, name, commune, street_class, one_way, line, vehicles_per_day, counted_year)
           SELECT street_id, name, commune, street_class, one_way, line, vehicles_per_day, counted_year
           FROM staged_streets
           ON CONFLICT (street_id) DO UPDATE SET name = excluded.name, commune = excluded.commune,
               street_class = excluded.street_class, one_way = excluded.one_way, line = excluded.line,
               vehicles_per_day = excluded.vehicles_per_day, counted_year = excluded.counted_year"""
    )


async def delete_streets(tx: Transaction, street_ids: Sequence[str]) -> None:
    await tx.execute("DELETE FROM streets WHERE street_id = ANY($1)", list(street_ids))


async def forget_streets_of_twins(tx: Transaction, street_ids: Sequence[str]) -> None:
    """Twins, also retired ones, stand on none of these streets any more."""
    await tx.execute("UPDATE twins SET street_id = NULL WHERE street_id = ANY($1)", list(street_ids))


async def delete_addresses(tx: Transaction) -> None:
    await tx.execute("DELETE FROM addresses")


async def add_addresses(tx: Transaction, addresses: Sequence[Address]) -> None:
    await tx.copy_rows(
        "addresses",
        ("street_id", "number", "position", "street"),
        [(one.street_id, one.number, one.position, one.street) for one in addresses],
    )


async def delete_crossings(tx: Transaction) -> None:
    await tx.execute("DELETE FROM crossings")


async def add_crossings(tx: Transaction, crossings: Sequence[Crossing]) -> None:
    await tx.copy_rows(
        "crossings",
        ("street_id", "commune", "position"),
        [(one.street_id, one.commune, one.position) for one in crossings],
    )


async def delete_landscape(tx: Transaction) -> None:
    await tx.execute("DELETE FROM landscape")


async def add_landscape(tx: Transaction, landscape: Sequence[Landscape]) -> None:
    await tx.copy_rows(
        "landscape",
        ("kind", "name", "shape"),
        [(item.kind, item.name, {"polygons": item.polygons, "lines": item.lines}) for item in landscape],
    )
