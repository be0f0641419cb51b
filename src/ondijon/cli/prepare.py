"""What a post needs before its roles start: tables, a city, people, gateways' credentials, its own twins."""

import asyncio
import hashlib
import hmac
import logging
import secrets
import tomllib
from collections.abc import Awaitable, Sequence
from pathlib import Path

import msgspec

from ondijon.cli.counters import add_counters
from ondijon.cli.places import PACKAGE, DemoPassword, city_folder, field_key, write_private
from ondijon.infra.ids import UuidSource
from ondijon.infra.postgres.external import OWNER_DATABASE_URL, ExternalPostgres
from ondijon.infra.postgres.migrate import find_sources, migrate
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.infra.postgres.post_role import grant_post
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import NotFound
from ondijon.kernel.ids import twin_id
from ondijon.kernel.inventory import Inventory, TwinRecord
from ondijon.kernel.ports import Rows
from ondijon.runtime import city_queries
from ondijon.runtime.city_store import add_twins, save_inventory
from ondijon.runtime.field_role import POST_GATEWAY
from ondijon.runtime.rights_table import read_rights, refresh_verbs

log = logging.getLogger(__name__)

SERVICES = ("post", "postgres", "nats", "core", "gateway", "web", "simulator")


async def prepare(
    postgres: EmbeddedPostgres | ExternalPostgres,
    city: str,
    home: Path,
    clock: Clock,
    draft: Awaitable[Inventory] | None = None,
    services: Sequence[str] = SERVICES,
) -> list[DemoPassword]:
    """Make whatever is missing; a second time it changes nothing.

    draft: the city, where it is being generated; services: the names of the post's own twins.
    """
    await make_tables(postgres, clock)
    async with await PostgresRows.open(postgres.post_dsn, connections=2) as rows:
        found = await city_queries.find_city(rows)
        if found is not None and found["key"] != city:
            raise NotFound("error.other_city_here", city=found["key"])
        people = await _add_people(rows, city, home)
        if found is None:
            await _first_city(rows, clock, await (draft or asyncio.to_thread(generate_city, city)))
        await _add_services(rows, clock, services)
        await add_counters(rows, city, clock)
        await add_credentials(rows, home, clock)
        await _know_telephone(rows, home, clock)
        return people


async def make_tables(postgres: EmbeddedPostgres | ExternalPostgres, clock: Clock) -> None:
    """Bring the tables up to date as their owner, and give the post's role its rights on them."""
    applied = await migrate(postgres.dsn, find_sources(PACKAGE), clock)
    if applied:
        log.info("migrations: %s", ", ".join(applied))
    if not await grant_post(postgres.dsn, postgres.post_dsn):
        log.warning("the post owns its tables: the audit log is not append-only for it (%s)", OWNER_DATABASE_URL)


def generate_city(city: str) -> Inventory:
    """The synthetic inventory of a city; takes seconds; raises NotFound when its own has to be imported."""
    folder = city_folder(city)
    mapping = folder / "import.toml"
    if mapping.exists() and "streets" in tomllib.loads(mapping.read_text("utf-8")):
        raise NotFound("error.city_not_imported", city=city)
    log.info("generating the synthetic city of %s", city)
    # Its libraries take a third of a second that only the first start of a generated city needs.
    from ondijon.simulator.metropolis import generate_metropolis

    return generate_metropolis(folder)


async def _first_city(rows: Rows, clock: Clock, inventory: Inventory) -> None:
    await save_inventory(rows, clock, inventory)
    log.info("%s: %d twins created", inventory.city, len(inventory.twins))


async def _add_services(rows: Rows, clock: Clock, services: Sequence[str]) -> None:
    """The post's engines and roles are twins of its most populous commune."""
    known = {row["device"] for row in await rows.fetch("SELECT device FROM twins WHERE type = 'Service'")}
    missing = [name for name in services if name not in known]
    if not missing:
        return
    where = await rows.fetch_one("SELECT insee, lon, lat FROM communes ORDER BY population DESC LIMIT 1")
    assert where is not None
    position = (where["lon"], where["lat"])
    await add_twins(
        rows,
        clock,
        [
            TwinRecord(
                twin_id("Service", where["insee"], name),
                "Service",
                where["insee"],
                name,
                position,
                gateway=POST_GATEWAY,
                device=name,
            )
            for name in missing
        ],
    )


def gateway_secret(key: bytes, gateway: str) -> str:
    """A simulated gateway's secret: 256 bits that only this home can derive."""
    return hmac.new(key, gateway.encode(), hashlib.sha256).hexdigest()


async def add_credentials(rows: Rows, home: Path, clock: Clock) -> None:
    """Give every gateway of the inventory that has none its credential."""
    key = field_key(home)
    missing = await rows.fetch(
        """SELECT DISTINCT t.gateway FROM twins t LEFT JOIN gateway_credentials c USING (gateway)
           WHERE t.gateway IS NOT NULL AND t.gateway <> $1 AND t.retired_at IS NULL AND c.gateway IS NULL""",
        POST_GATEWAY,
    )
    gateways = [row["gateway"] for row in missing]
    hashes = [hashlib.sha256(gateway_secret(key, gateway).encode()).digest() for gateway in gateways]
    await rows.execute(
        """INSERT INTO gateway_credentials (gateway, secret_sha256, added_at)
           SELECT g, s, $3 FROM unnest($1::text[], $2::bytea[]) AS new(g, s)""",
        gateways,
        hashes,
        clock.now(),
    )


async def _know_telephone(rows: Rows, home: Path, clock: Clock) -> None:
    """The token by which the telephone system tells of calls: the file has it, the rows its hash."""
    path = home / "cti-token"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32).encode())
    await rows.execute(
        "INSERT INTO cti_tokens (sha256, made_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        hashlib.sha256(path.read_bytes().strip()).digest(),
        clock.now(),
    )


async def _add_people(rows: Rows, city: str, home: Path) -> list[DemoPassword]:
    path = home / "demo-accounts.json"
    await refresh_verbs(rows, read_rights(city_folder(city) / "rights.toml"))
    if path.exists():
        return list(msgspec.json.decode(path.read_bytes(), type=list[DemoPassword]))
    # Only the first start makes accounts, and needs the web layer for it.
    from ondijon.web.accounts import create_user

    table = read_rights(city_folder(city) / "rights.toml")
    ids = UuidSource()
    made: list[DemoPassword] = []
    for account in table.demo:
        role = table.roles[account.role]
        password = _readable_password()
        await create_user(rows, ids, account.username, account.name, password, [table.grant(account)])
        label = {"fr": role.fr, "en": role.en}
        made.append(DemoPassword(account.username, account.name, account.role, password, label))
    write_private(path, msgspec.json.encode(made))
    return made


def _readable_password(words: int = 4) -> str:
    """Four syllable groups, about 48 bits: enough behind a throttle on loopback."""
    return "-".join(_syllables() for _ in range(words))


def _syllables() -> str:
    return "".join(secrets.choice("bcdfgklmnprstv") + secrets.choice("aeiou") for _ in range(2))
