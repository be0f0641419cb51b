"""Plays breakdowns through the post's own projector, detectors and alarm desk, and compares alarms with the truth."""

import asyncio
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Floats, Ints16, Ints32, Ints64
from ondijon.kernel.city import City
from ondijon.kernel.clock import from_us
from ondijon.kernel.field import Intake
from ondijon.kernel.inventory import TwinRecord
from ondijon.kernel.readings import ReadingBatch
from ondijon.runtime.alarm_desk import AlarmDesk
from ondijon.runtime.effects import Effects, EffectsWriter
from ondijon.runtime.projector import Projector
from ondijon.runtime.tracker import Tracker
from ondijon.simulator.breakdowns import CabinetWords, Heard, LightWords, Stage
from ondijon.simulator.field.plan import FeederKind, FieldPlan, GatewaySpec, LightSpec

LIGHT, CABINET = "Streetlight", "StreetlightControlCabinet"
PHASES = {"L1": 0, "L2": 1, "L3": 2}


class Told(Struct, frozen=True):
    """An alarm that came or went: its kind without the trade, the twin's row, when, and what it was raised on."""

    kind: str
    row: int
    raised: bool
    at_s: float
    evidence: dict[str, Any]


class Ledger(EffectsWriter):
    """Keeps the alarms of all effects in memory, and counts the readings."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.readings = 0
        self.derived = 0

    async def write(self, effects: Effects) -> None:
        self.readings += sum(len(batch) for batch in effects.batches)
        for one in effects.alarms:
            kind = one.spec.key.partition(".")[2]
            self.told.append(Told(kind, one.row, one.raised, one.at_us / 1e6, dict(one.evidence)))


class PlayedClock:
    """Shows the time of what is heard."""

    def __init__(self) -> None:
        self.us = 0

    def now(self) -> datetime:
        return from_us(self.us)

    def now_us(self) -> int:
        return self.us


class Listener:
    """A post without database and bus that hears a stage."""

    def __init__(self, city: City, stage: Stage, *, mute: bool = False) -> None:
        self.city = city
        self.ledger = Ledger()
        self._clock = PlayedClock()
        self._mute = mute
        self.cpu_s, self.batches = 0.0, 0
        self._light_rows = _rows_of(city, LIGHT, stage.devices)
        self._cabinet_rows = _rows_of(city, CABINET, stage.names)
        self.row_of_light: dict[int, int] = dict(enumerate(self._light_rows.tolist()))
        self.row_of_cabinet: dict[int, int] = dict(enumerate(self._cabinet_rows.tolist()))
        self._loop = asyncio.new_event_loop()
        self.restart()

    def restart(self) -> None:
        """As after a restart: columns (snapshots) and open alarms live on, all else is built anew."""
        desk = AlarmDesk(self.city)
        desk.restore([(f"lighting.{kind}", self._urn(kind, row)) for kind, row in self.open])
        self.projector = Projector(self.city, self._clock, desk, Tracker(self.city), self.ledger)

    @property
    def now_us(self) -> int:
        return self._clock.us

    @property
    def open(self) -> set[tuple[str, int]]:
        """What stands now, as (kind, row)."""
        standing: set[tuple[str, int]] = set()
        for one in self.ledger.told:
            (standing.add if one.raised else standing.discard)((one.kind, one.row))
        return standing

    def hear(self, heard: Heard) -> None:
        """Take in what arrives, as the driver hands it over, then let a second's work be done."""
        self._clock.us = round(heard.now_s * 1e6)
        batches = [self._cabinets(heard.cabinets), self._online(heard)]
        if not self._mute:
            batches.insert(0, self._lights(heard.lights))
        intake = Intake([batch for batch in batches if len(batch)], (), (), (), None, 1, 0)
        began_s = time.process_time()
        self._loop.run_until_complete(self.projector.commit(intake))
        self._loop.run_until_complete(self.projector.tick())
        self.cpu_s += time.process_time() - began_s
        self.batches += 1

    def mature(self, hours: float = 300.0) -> None:
        """Let what was learned count as learned over a month of nights."""
        for twin_type, key in ((LIGHT, "learned_h"), (CABINET, "metered_h")):
            columns = self.city.columns[twin_type]
            columns[key][columns[key] > 0.0] = hours

    def close(self) -> None:
        self._loop.close()

    def _urn(self, kind: str, row: int) -> str:
        spec = next(spec for one in self.city.manifests for spec in one.alarms if spec.key == f"lighting.{kind}")
        return self.city.twins[spec.twin_type].records[row].id

    def _lights(self, words: LightWords) -> ReadingBatch:
        values = {"level_pct": words.level * 100.0, "power_w": words.power_w}
        return self._batch(LIGHT, self._light_rows[words.light], values, words.at_s)

    def _cabinets(self, words: CabinetWords) -> ReadingBatch:
        values = {
            "supply": words.supply,
            "feeder_permanent": words.supply,
            "feeder_switched": words.supply & words.lit,
            "level_pct": words.asked * 100.0,
            "power_w": words.phases_w.sum(axis=1),
            **{f"power_l{place + 1}_w": words.phases_w[:, place] for place in range(3)},
        }
        return self._batch(CABINET, self._cabinet_rows[words.gateway], values, words.at_s)

    def _online(self, heard: Heard) -> ReadingBatch:
        rows = self._cabinet_rows[np.array(list(heard.online), np.int64)]
        values = {"online": np.array(list(heard.online.values()), np.float64)}
        return self._batch(CABINET, rows, values, np.full(len(rows), heard.now_s))

    def _batch(self, twin_type: str, rows: Ints32, values: dict[str, Any], at_s: Floats) -> ReadingBatch:
        index = self.city.columns[twin_type].property_index
        count, times = len(rows), len(values)
        places: Ints16 = np.repeat(np.array([index[key] for key in values], np.int16), count)
        observed: Ints64 = np.tile(np.round(at_s * 1e6).astype(np.int64), times)
        received: Ints64 = np.full(count * times, self._clock.us, np.int64)
        stacked = np.concatenate([np.asarray(each, np.float64) for each in values.values()])
        return ReadingBatch(
            twin_type, np.tile(rows, times), places, stacked, observed, received, np.zeros(count * times, np.uint8)
        )


def _rows_of(city: City, twin_type: str, devices: list[str]) -> Ints32:
    row_of = {record.device: row for row, record in enumerate(city.twins[twin_type].records)}
    return np.array([row_of[device] for device in devices], np.int32)


def field_plan_of(city: City) -> FieldPlan:
    """The field behind a city's twins, for the stage: no secrets and no programme."""
    zone = city.card.timezone
    gateways = tuple(_gateway(record, zone) for record in city.twins[CABINET].records)
    return FieldPlan(gateways, tuple(_light(record) for record in city.twins[LIGHT].records), {})


def _gateway(record: TwinRecord, zone: str) -> GatewaySpec:
    feeders: tuple[FeederKind, ...] = ("permanent", "switched")
    return GatewaySpec(record.device or "", "", *record.position, record.commune, zone, feeders)


def _light(record: TwinRecord) -> LightSpec:
    said = record.attributes
    return LightSpec(
        device=record.device or "",
        gateway=record.gateway or "",
        feeder="switched" if said.get("feeder") == "switched" else "permanent",
        rated_power_w=float(said.get("rated_power_w") or 60.0),
        installed_year=int(said.get("installed_year") or 2015),
        street_id=record.street_id,
        lon=record.position[0],
        lat=record.position[1],
        circuit=int(said.get("circuit") or 1),
        phase=PHASES[str(said.get("phase") or "L1")],
    )


def played(listener: Listener, heard: Iterator[Heard]) -> Iterator[float]:
    """Let the listener hear everything; yields each instant (UTC seconds)."""
    for one in heard:
        listener.hear(one)
        yield one.now_s
