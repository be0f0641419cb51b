"""A town small enough to start in seconds: simulated cabinets, and gateways that only a test speaks for."""

from collections.abc import Sequence
from pathlib import Path

import ondijon
from ondijon.infra.clocks import SystemClock
from ondijon.infra.postgres.migrate import find_sources, migrate
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.kernel.ids import twin_id
from ondijon.kernel.inventory import AttributeValue, Commune, Inventory, Street, TwinRecord
from ondijon.runtime.city_store import save_inventory

CITY = "dijon"
DIJON, CHENOVE = "21231", "21166"
CABINETS = 12
LIGHTS_A_CABINET = 44
TEST_GATEWAYS = 28
LIGHTS_A_TEST_GATEWAY = 3
# Benches of the throwaway trade (tests/contracts), whose alarm needs no delay; one gateway speaks for all.
BENCHES = 60
# Benches that the harness leaves alone.
SPARE_BENCHES = 6
BENCH_GATEWAY = TEST_GATEWAYS - 1
_LIT: dict[str, AttributeValue] = {"rated_power_w": 50.0, "feeder": "permanent", "installed_year": 2020}


def cabinet_name(cabinet: int) -> str:
    """The gateway of a simulated cabinet, also its local id."""
    return f"CAB-{cabinet}"


def cabinet_urn(cabinet: int) -> str:
    return twin_id("StreetlightControlCabinet", _commune_of(cabinet), cabinet_name(cabinet))


def light_urn(cabinet: int, light: int) -> str:
    """A simulated light."""
    return twin_id("Streetlight", _commune_of(cabinet), f"SL-{cabinet}-{light}")


def own_gateway(number: int) -> str:
    """A gateway that the simulator leaves alone."""
    return f"TG-{number}"


def own_light(number: int, light: int) -> str:
    """The device name of a light behind a test gateway."""
    return f"TL-{number}-{light}"


def own_light_urn(number: int, light: int) -> str:
    return twin_id("Streetlight", DIJON, own_light(number, light))


def bench_name(number: int) -> str:
    """The device name of a bench."""
    return f"BN-{number}"


def bench_urn(number: int) -> str:
    return twin_id("ParkBench", DIJON, bench_name(number))


def list_benches() -> list[TwinRecord]:
    """Every bench; only a post with the throwaway trade knows what they are."""
    gateway = own_gateway(BENCH_GATEWAY)
    return [
        TwinRecord(
            bench_urn(one), "ParkBench", DIJON, bench_name(one), (5.04, 47.3), None, None, gateway, bench_name(one)
        )
        for one in range(BENCHES + SPARE_BENCHES)
    ]


def _commune_of(cabinet: int) -> str:
    return CHENOVE if cabinet == CABINETS - 1 else DIJON


def small_town(others: Sequence[TwinRecord] = ()) -> Inventory:
    """Two communes with a street each, 12 cabinets of 44 lights, 28 test gateways of 3, and the others."""
    own = [
        _light(DIJON, own_light(number, light), own_gateway(number), None, (5.05 + number / 1e3, 47.33 + light / 1e4))
        for number in range(TEST_GATEWAYS)
        for light in range(LIGHTS_A_TEST_GATEWAY)
    ]
    return town_of([_commune_of(cabinet) for cabinet in range(CABINETS)], LIGHTS_A_CABINET, [*own, *others])


def town_of(communes_of_cabinets: Sequence[str], lights_a_cabinet: int, others: Sequence[TwinRecord] = ()) -> Inventory:
    """Dijon and Chenôve with a street each, and a simulated cabinet in the commune that each element names."""
    square = [[[(4.9, 47.2), (5.2, 47.2), (5.2, 47.4), (4.9, 47.4), (4.9, 47.2)]]]
    communes = [
        Commune(DIJON, "Dijon", 159_941, 41.66, (5.045, 47.332), square),
        Commune(CHENOVE, "Chenôve", 14_299, 7.43, (5.006, 47.291), square),
    ]
    streets = [
        Street(f"ST-{insee}", f"Rue {insee}", insee, "residential", [(5.0, 47.3), (5.1, 47.3)])
        for insee in (DIJON, CHENOVE)
    ]
    twins = [
        twin
        for cabinet, insee in enumerate(communes_of_cabinets)
        for twin in _cabinet(cabinet, insee, lights_a_cabinet)
    ]
    return Inventory(CITY, communes, streets, [], [], [*twins, *others])


def _cabinet(cabinet: int, insee: str, lights_a_cabinet: int) -> list[TwinRecord]:
    name = cabinet_name(cabinet)
    lon, lat = 5.0 + cabinet / 200, 47.3
    urn = twin_id("StreetlightControlCabinet", insee, name)
    own = TwinRecord(urn, "StreetlightControlCabinet", insee, name, (lon, lat), gateway=name, device=name)
    lights = [
        _light(insee, f"SL-{cabinet}-{light}", name, urn, (lon, lat + light / 2e3)) for light in range(lights_a_cabinet)
    ]
    return [own, *lights]


def _light(insee: str, name: str, gateway: str, part_of: str | None, position: tuple[float, float]) -> TwinRecord:
    urn = twin_id("Streetlight", insee, name)
    return TwinRecord(urn, "Streetlight", insee, name, position, f"ST-{insee}", part_of, gateway, name, _LIT)


async def settle(home: Path, inventory: Inventory | None = None) -> None:
    """Save the town, or another, into a home, where the next `ondijon run` finds it."""
    clock = SystemClock()
    async with EmbeddedPostgres(home) as server:
        await migrate(server.dsn, find_sources(Path(ondijon.__file__).parent), clock)
        async with await PostgresRows.open(server.dsn, connections=2) as rows:
            await save_inventory(rows, clock, inventory or small_town())
