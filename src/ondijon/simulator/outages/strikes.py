"""The outages: what each kind does to lights and gateways, and what of it the post ever hears."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np
from msgspec import Struct

from ondijon.simulator.outages.grid import Cabinet, Grid

LAMP_OUT, CABINET_LOST, GATEWAY_LOST = 0, 1, 2
MESSAGE_LOSS = 0.2
SPREADS_S = (10.0, 60.0, 180.0, 300.0)
PHASE_SHARE = 0.5
REPAIR_S = (1_200.0, 7_200.0)
T = TypeVar("T")
Strike = Callable[[float], None]


class Root(Struct, frozen=True):
    """The truth about one outage: kind `single` is a light or gateway that fails by itself."""

    kind: str
    element: str
    scenario: str


class Sign(Struct, frozen=True):
    """An alarm that the post sees, in seconds since the night began."""

    key: int
    twin_no: int
    raised_s: float
    cleared_s: float
    root: int


class Strikes:
    """Writes down roots and their signs; every strike draws its target, its spread and its losses."""

    def __init__(self, grid: Grid, rng: np.random.Generator) -> None:
        self._grid = grid
        self._rng = rng
        self.roots: list[Root] = []
        self.signs: list[Sign] = []

    def kinds(self) -> list[Strike]:
        """Every kind of outage; a night repeats the list."""
        return [
            self.breaker, self.breaker, self.supply, self.supply, self.phase, self.phase, self.phase, self.circuit,
            self.circuit, self.circuit, self.feeder, self.feeder_of_lights, self.gateway, self.uplink, self.uplink,
            self.neighbours, self.gateway_beside_cabinet, self.flapping_cabinet, self.flapping_circuit,
            self.flapping_light, self.flapping_gateway, self.two_phases, self.phase_beside_circuit, self.silent_supply,
        ]  # fmt: skip

    def single(self, at_s: float) -> None:
        """A light, or now and then a gateway, fails by itself."""
        cabinet = self._cabinet()
        root = self._root("single", "", "background")
        if self._rng.random() < 0.1:
            self._sign(GATEWAY_LOST, cabinet.twin_no, at_s, root, self._repaired(at_s))
        else:
            self._sign(LAMP_OUT, self._any(cabinet.lights), at_s, root, self._repaired(at_s))

    def breaker(self, at_s: float) -> None:
        """A main breaker trips behind the gateway's supply: lights are dark, the gateway says nothing of it."""
        self._dark(self._cabinet(), at_s, "breaker")

    def supply(self, at_s: float) -> None:
        """The mains are gone: a last gasp, and what lights could still be read while the reserve lasted."""
        cabinet = self._cabinet()
        root = self._root("cabinet", cabinet.urn, "supply")
        self._lose_supply(cabinet, at_s, root, self._repaired(at_s), self._spread(), self._rng.uniform(0.2, 1.0))

    def silent_supply(self, at_s: float) -> None:
        """The last gasp of a lost cabinet comes late, or its going silent is all that is heard beside some lights."""
        cabinet = self._cabinet()
        root = self._root("cabinet", cabinet.urn, "silent_supply")
        until_s = self._repaired(at_s)
        self._dark_lights(cabinet.lights, at_s, 60.0, root, until_s, self._rng.uniform(0.4, 1.0))
        self._sign(GATEWAY_LOST, cabinet.twin_no, at_s + self._rng.uniform(20.0, 200.0), root, until_s)

    def phase(self, at_s: float) -> None:
        """One phase is lost; half of its lights go dark, the others live on what flows back through the neutral."""
        cabinet = self._cabinet()
        name = self._any(list(cabinet.phases))
        root = self._root("phase", f"{cabinet.urn}/phase/{name}", "phase")
        self._dark_lights(cabinet.phases[name], at_s, self._spread(), root, self._repaired(at_s), PHASE_SHARE)

    def two_phases(self, at_s: float) -> None:
        """Two of three phases, one a minute after the other."""
        cabinet = self._cabinet()
        for place, name in enumerate(self._rng.permutation(list(cabinet.phases))[:2].tolist()):
            root = self._root("phase", f"{cabinet.urn}/phase/{name}", "two_phases")
            struck_s = at_s + 60.0 * place
            self._dark_lights(cabinet.phases[name], struck_s, 60.0, root, self._repaired(at_s), 1.0)

    def circuit(self, at_s: float) -> None:
        """One circuit's fuse."""
        self._lose_circuit(self._cabinet(), at_s, "circuit")

    def phase_beside_circuit(self, at_s: float) -> None:
        """A phase in one cabinet and a circuit in its neighbour, at the same time."""
        first = int(self._rng.integers(len(self._grid.cabinets)))
        cabinet = self._grid.cabinets[first]
        name = self._any(list(cabinet.phases))
        root = self._root("phase", f"{cabinet.urn}/phase/{name}", "phase_beside_circuit")
        self._dark_lights(cabinet.phases[name], at_s, self._spread(), root, self._repaired(at_s), PHASE_SHARE)
        self._lose_circuit(self._grid.cabinets[self._grid.neighbours(first, 1)[0]], at_s, "phase_beside_circuit")

    def feeder(self, at_s: float) -> None:
        """A grid feeder: all its cabinets lose supply; most gasp, some are only missed, some lights are still read."""
        name = self._any(list(self._grid.feeders))
        root, until_s, spread_s = self._root("feeder", name, "feeder"), self._repaired(at_s), self._spread()
        share = self._rng.choice([0.0, 0.0, 0.3, 0.8])
        for place in self._grid.feeders[name]:
            self._lose_supply(self._grid.cabinets[place], at_s, root, until_s, spread_s, float(share))

    def feeder_of_lights(self, at_s: float) -> None:
        """A storm on a feeder: all its lights go dark within seconds, no cabinet says why."""
        name = self._any(list(self._grid.feeders))
        root, until_s = self._root("feeder", name, "feeder_of_lights"), self._repaired(at_s)
        for place in self._grid.feeders[name]:
            self._dark_lights(self._grid.cabinets[place].lights, at_s, 10.0, root, until_s, 1.0)

    def gateway(self, at_s: float) -> None:
        """A gateway fails; its lights go on by themselves."""
        cabinet = self._cabinet()
        root = self._root("gateway", cabinet.urn, "gateway")
        self._sign(GATEWAY_LOST, cabinet.twin_no, at_s, root, self._repaired(at_s))

    def uplink(self, at_s: float) -> None:
        """An uplink fails: its gateways go silent as their keep-alives end."""
        name = self._any(list(self._grid.uplinks))
        root, until_s, spread_s = self._root("link", name, "uplink"), self._repaired(at_s), self._spread()
        for place in self._grid.uplinks[name]:
            heard_s = at_s + self._rng.uniform(0.0, spread_s)
            self._sign(GATEWAY_LOST, self._grid.cabinets[place].twin_no, heard_s, root, until_s)

    def neighbours(self, at_s: float) -> None:
        """Two or three neighbouring cabinets trip within two minutes of each other, each by itself."""
        first = int(self._rng.integers(len(self._grid.cabinets)))
        for place in [first, *self._grid.neighbours(first, int(self._rng.integers(1, 3)))]:
            self._dark(self._grid.cabinets[place], at_s + self._rng.uniform(0.0, 120.0), "neighbours")

    def gateway_beside_cabinet(self, at_s: float) -> None:
        """A gateway falls silent while its neighbour's cabinet loses the mains."""
        first = int(self._rng.integers(len(self._grid.cabinets)))
        silent = self._grid.cabinets[first]
        root = self._root("gateway", silent.urn, "gateway_beside_cabinet")
        self._sign(GATEWAY_LOST, silent.twin_no, at_s + self._rng.uniform(0.0, 60.0), root, self._repaired(at_s))
        lost = self._grid.cabinets[self._grid.neighbours(first, 1)[0]]
        root = self._root("cabinet", lost.urn, "gateway_beside_cabinet")
        self._lose_supply(lost, at_s, root, self._repaired(at_s), self._spread(), 0.6)

    def flapping_cabinet(self, at_s: float) -> None:
        """A loose main contact: the whole cabinet goes dark again and again."""
        cabinet = self._cabinet()
        self._flap(cabinet.lights, at_s, self._root("cabinet", cabinet.urn, "flapping_cabinet"))

    def flapping_circuit(self, at_s: float) -> None:
        """A loose contact on one circuit."""
        cabinet = self._cabinet()
        name = self._any(list(cabinet.circuits))
        root = self._root("circuit", f"{cabinet.urn}/circuit/{name}", "flapping_circuit")
        self._flap(cabinet.circuits[name], at_s, root)

    def flapping_light(self, at_s: float) -> None:
        """A light at the end of its life."""
        light = self._any(self._cabinet().lights)
        self._flap([light], at_s, self._root("single", "", "flapping_light"))

    def flapping_gateway(self, at_s: float) -> None:
        """A gateway with a bad antenna comes and goes."""
        cabinet = self._cabinet()
        root = self._root("gateway", cabinet.urn, "flapping_gateway")
        for turn in range(int(self._rng.integers(3, 8))):
            struck_s = at_s + turn * self._rng.uniform(60.0, 300.0)
            self._sign(GATEWAY_LOST, cabinet.twin_no, struck_s, root, struck_s + self._rng.uniform(20.0, 60.0))

    def _dark(self, cabinet: Cabinet, at_s: float, scenario: str) -> None:
        root = self._root("cabinet", cabinet.urn, scenario)
        self._dark_lights(cabinet.lights, at_s, self._spread(), root, self._repaired(at_s), 1.0)

    def _lose_circuit(self, cabinet: Cabinet, at_s: float, scenario: str) -> None:
        name = self._any(list(cabinet.circuits))
        root = self._root("circuit", f"{cabinet.urn}/circuit/{name}", scenario)
        self._dark_lights(cabinet.circuits[name], at_s, self._spread(), root, self._repaired(at_s), 1.0)

    def _lose_supply(
        self, cabinet: Cabinet, at_s: float, root: int, until_s: float, spread_s: float, share: float
    ) -> None:
        """The last gasp may be lost like any message: then the gateway is only missed, half a minute later or more."""
        heard_s = at_s + self._rng.uniform(0.0, spread_s)
        self._dark_lights(cabinet.lights, at_s, spread_s, root, until_s, share)
        if self._rng.random() >= MESSAGE_LOSS:
            self.signs.append(Sign(CABINET_LOST, cabinet.twin_no, heard_s, until_s, root))
        else:
            self._sign(GATEWAY_LOST, cabinet.twin_no, heard_s + self._rng.uniform(20.0, 90.0), root, until_s)

    def _dark_lights(
        self, lights: Iterable[int], at_s: float, spread_s: float, root: int, until_s: float, share: float
    ) -> None:
        for light in lights:
            if self._rng.random() < share:
                self._sign(LAMP_OUT, light, at_s + self._rng.uniform(0.0, spread_s), root, until_s)

    def _flap(self, lights: list[int], at_s: float, root: int) -> None:
        for turn in range(int(self._rng.integers(2, 5))):
            struck_s = at_s + turn * self._rng.uniform(120.0, 300.0)
            self._dark_lights(lights, struck_s, 30.0, root, struck_s + self._rng.uniform(60.0, 110.0), 1.0)

    def _sign(self, key: int, twin_no: int, raised_s: float, root: int, cleared_s: float) -> None:
        """One message of five never arrives; the end of an alarm takes its minutes to be reported as well."""
        if self._rng.random() >= MESSAGE_LOSS:
            later_s = self._rng.uniform(0.0, 60.0)
            self.signs.append(Sign(key, twin_no, raised_s, max(cleared_s, raised_s) + later_s, root))

    def _root(self, kind: str, element: str, scenario: str) -> int:
        self.roots.append(Root(kind, element, scenario))
        return len(self.roots) - 1

    def _cabinet(self) -> Cabinet:
        return self._grid.cabinets[int(self._rng.integers(len(self._grid.cabinets)))]

    def _any(self, items: list[T]) -> T:
        return items[int(self._rng.integers(len(items)))]

    def _spread(self) -> float:
        return float(self._rng.choice(SPREADS_S))

    def _repaired(self, at_s: float) -> float:
        return at_s + float(self._rng.uniform(*REPAIR_S))
