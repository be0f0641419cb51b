"""Orders at run time, from their JSON to what they do."""

from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from ondijon.kernel.errors import NotFound, Refused, RemoteProtocolError
from ondijon.simulator.field import orders
from ondijon.simulator.field.run import FieldRunner
from ondijon.simulator.field.tests.small_city import CALM, EVENING, HandClock, small_plan
from ondijon.simulator.field.truth import Truth


class Rig:
    """A runner that is never connected, and its clock."""

    def __init__(self, truth: Truth, folder: Path) -> None:
        self.truth = truth
        self.clock = HandClock(EVENING)
        self.runner = FieldRunner(
            small_plan(gateways=4, lights=10),
            mqtt=("127.0.0.1", 1),
            clock=self.clock,
            seed=7,
            state_folder=folder,
            truth=truth,
            options=CALM,
        )

    def obey(self, payload: bytes, then_s: float = 1.0) -> None:
        self.runner.obey(orders.read_order(payload))
        self.clock.move(then_s)
        self.runner.advance()

    @property
    def broken(self) -> set[tuple[str, str]]:
        return set(self.truth.active)


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    with Truth(tmp_path / "truth.jsonl") as truth:
        yield Rig(truth, tmp_path / "state")


async def test_a_fault_by_order_strikes_one_light(rig: Rig) -> None:
    rig.obey(b'{"order": "fault", "kind": "lamp_out", "device": "SL-2-3"}')
    assert rig.broken == {("lamp_out", "SL-2-3")}


async def test_a_fault_by_order_may_end_by_itself(rig: Rig) -> None:
    rig.obey(b'{"order": "fault", "kind": "phase_loss", "gateway": "CAB-1", "for_s": 5}')
    assert rig.broken == {("phase_loss", "CAB-1")}
    rig.clock.move(5.0)
    rig.runner.advance()
    assert rig.broken == set()


async def test_a_star_means_every_gateway(rig: Rig) -> None:
    rig.obey(b'{"order": "fault", "kind": "duplicates", "gateway": "*", "amount": 0.1}')
    assert len(rig.broken) == 4


async def test_heal_repairs_what_it_names_or_everything(rig: Rig) -> None:
    rig.obey(b'{"order": "fault", "kind": "lamp_out", "device": "SL-2-3"}')
    rig.obey(b'{"order": "fault", "kind": "cycling", "device": "SL-2-4"}')
    rig.obey(b'{"order": "fault", "kind": "late", "gateway": "CAB-1"}')
    rig.obey(b'{"order": "heal", "device": "SL-2-3"}')
    assert rig.broken == {("cycling", "SL-2-4"), ("late", "CAB-1")}
    rig.obey(b'{"order": "heal", "kind": "late"}')
    rig.obey(b'{"order": "heal"}')
    assert rig.broken == set()


async def test_a_storm_takes_whole_cabinets_around_one(rig: Rig) -> None:
    rig.obey(b'{"order": "storm", "count": 15, "within_s": 3, "gateway": "CAB-3"}', then_s=4.0)
    assert {target[:4] for _, target in rig.broken} == {"SL-3", "SL-2"}
    assert len(rig.broken) == 15


async def test_a_feeder_or_an_uplink_takes_all_its_cabinets_along(rig: Rig) -> None:
    rig.obey(b'{"order": "fault", "kind": "cabinet_loss", "feeder": "HTA-1", "amount": 8}')
    assert rig.broken == {("cabinet_loss", "CAB-1"), ("cabinet_loss", "CAB-3")}
    rig.obey(b'{"order": "heal"}')
    rig.obey(b'{"order": "fault", "kind": "gateway_loss", "uplink": "UP-1"}')
    assert rig.broken == {("gateway_loss", "CAB-2"), ("gateway_loss", "CAB-3")}
    with pytest.raises(Refused):
        rig.obey(b'{"order": "fault", "kind": "lamp_out", "uplink": "UP-1"}')


async def test_a_storm_by_feeder_takes_the_feeder_of_its_centre_first(rig: Rig) -> None:
    rig.obey(b'{"order": "storm", "count": 20, "within_s": 3, "gateway": "CAB-3", "by_feeder": true}', then_s=4.0)
    assert {target[:4] for _, target in rig.broken} == {"SL-3", "SL-1"}


async def test_a_storm_may_be_scattered_and_of_any_kind(rig: Rig) -> None:
    rig.obey(b'{"order": "storm", "count": 8, "kind": "cycling", "scattered": true}', then_s=11.0)
    rig.obey(b'{"order": "storm", "count": 2, "kind": "gateway_loss", "for_s": 60}', then_s=11.0)
    assert sorted(kind for kind, _ in rig.broken) == ["cycling"] * 8 + ["gateway_loss"] * 2


async def test_offline_is_a_lost_gateway(rig: Rig) -> None:
    rig.obey(b'{"order": "offline", "gateway": "CAB-2", "for_s": 30}')
    assert rig.broken == {("gateway_loss", "CAB-2")}


async def test_cadence_and_report_are_taken(rig: Rig) -> None:
    rig.obey(b'{"order": "cadence", "every_s": 3.4}')
    rig.obey(b'{"order": "report"}')
    assert rig.runner.metrics().faults == 0


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"order": "dance"}',
        b'{"order": "fault", "kind": "rust", "device": "SL-2-3"}',
        b'{"order": "storm"}',
        b'{"order": "storm", "count": -1}',
        b'{"order": "cadence", "every_s": 0}',
    ],
)
def test_what_is_no_order_is_refused(payload: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        orders.read_order(payload)


async def test_an_order_to_nobody_is_refused(rig: Rig) -> None:
    for payload in (
        b'{"order": "fault", "kind": "lamp_out", "device": "SL-9-9"}',
        b'{"order": "fault", "kind": "lamp_out"}',
        b'{"order": "storm", "count": 1, "gateway": "CAB-9"}',
        b'{"order": "fault", "kind": "cabinet_loss", "feeder": "HTA-9"}',
    ):
        with pytest.raises(NotFound):
            rig.obey(payload)
    assert np.isfinite(rig.runner.metrics().longest_tick_ms)
