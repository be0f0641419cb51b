"""What of all reports is heard: packs get lost, come twice, come late, and wait while a gateway has no link."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ondijon.simulator.field.columns import Doubles, Flags, Indices

PACK = 60
PACKS_MOST = 64
LATE_S = (70.0, 280.0)
BACKLOG = 20


class LightWords(Struct, frozen=True, eq=False):
    """Reports of lights (places in the columns), each made at its own instant."""

    light: Indices
    level: Doubles
    power_w: Doubles
    at_s: Doubles


class CabinetWords(Struct, frozen=True, eq=False):
    """Reports of cabinets on themselves."""

    gateway: Indices
    supply: Flags
    lit: Flags
    asked: Doubles
    phases_w: NDArray[np.float64]
    at_s: Doubles


class Heard(Struct, frozen=True, eq=False):
    """What reaches the post at one instant; online: gateways that came (True) or went."""

    now_s: float
    lights: LightWords
    cabinets: CabinetWords
    online: dict[int, bool]


class Losses(Struct, frozen=True):
    """Which share of the packs is lost, comes twice, or comes late."""

    lost: float = 0.2
    twice: float = 0.02
    late: float = 0.02


USUAL_LOSSES = Losses()


class _Letter(Struct, frozen=True, eq=False):
    due_s: float
    lights: LightWords
    cabinets: CabinetWords


class Courier:
    """Carries reports to the post."""

    def __init__(self, gateways: int, losses: Losses, rng: np.random.Generator) -> None:
        self._losses = losses
        self._rng = rng
        self._waiting: list[_Letter] = []
        self._backlog: dict[int, list[_Letter]] = {}
        self._count = gateways

    def carry(
        self, now_s: float, gateway_of: Indices, lights: LightWords, cabinets: CabinetWords, reachable: Flags
    ) -> tuple[LightWords, CabinetWords]:
        """Take in what is reported now; returns what arrives now."""
        pack = gateway_of[lights.light] * PACKS_MOST + _place_within(gateway_of[lights.light]) // PACK
        first = cabinets.gateway * PACKS_MOST
        packs = np.unique(np.concatenate((pack, first)))
        lost, twice, late = (self._rng.random(len(packs)) < share for share in self._shares())
        away = ~reachable[packs // PACKS_MOST]
        lights_at, cabinets_at = np.searchsorted(packs, pack), np.searchsorted(packs, first)
        for g in np.unique(packs[away] // PACKS_MOST).tolist():
            letter = self._letter(now_s, lights, cabinets, packs // PACKS_MOST == g, lights_at, cabinets_at)
            self._backlog[g] = [*self._backlog.get(g, [])[1 - BACKLOG :], letter]
        again = ~lost & ~away & (twice | late)
        if again.any():
            due_s = now_s + float(self._rng.uniform(*LATE_S))
            self._waiting.append(self._letter(due_s, lights, cabinets, again, lights_at, cabinets_at))
        now = ~lost & ~away & ~late
        arrived = [self._letter(now_s, lights, cabinets, now, lights_at, cabinets_at), *self._take_due(now_s)]
        return _join_lights([one.lights for one in arrived]), _join_cabinets([one.cabinets for one in arrived])

    def bring_back(self, g: int, now_s: float) -> None:
        """A gateway has its link again: what waited there comes now, but for what is lost on the way."""
        for letter in self._backlog.pop(g, []):
            if self._rng.random() >= self._losses.lost:
                self._waiting.append(_Letter(now_s, letter.lights, letter.cabinets))

    def _shares(self) -> tuple[float, float, float]:
        return self._losses.lost, self._losses.twice, self._losses.late

    def _take_due(self, now_s: float) -> list[_Letter]:
        due = [letter for letter in self._waiting if letter.due_s <= now_s]
        self._waiting = [letter for letter in self._waiting if letter.due_s > now_s]
        return due

    def _letter(
        self,
        due_s: float,
        lights: LightWords,
        cabinets: CabinetWords,
        packs: Flags,
        lights_at: Indices,
        cabinets_at: Indices,
    ) -> _Letter:
        mine, own = packs[lights_at], packs[cabinets_at]
        return _Letter(
            due_s,
            LightWords(lights.light[mine], lights.level[mine], lights.power_w[mine], lights.at_s[mine]),
            CabinetWords(
                cabinets.gateway[own],
                cabinets.supply[own],
                cabinets.lit[own],
                cabinets.asked[own],
                cabinets.phases_w[own],
                cabinets.at_s[own],
            ),
        )


def _place_within(gateway: Indices) -> Indices:
    """The place of each light among those of its gateway that report now; in order of gateway."""
    starts = np.flatnonzero(np.diff(gateway, prepend=-1))
    return np.arange(len(gateway)) - np.repeat(starts, np.diff(np.append(starts, len(gateway))))


def _join_lights(words: list[LightWords]) -> LightWords:
    return LightWords(*(np.concatenate([getattr(one, key) for one in words]) for key in LightWords.__struct_fields__))


def _join_cabinets(words: list[CabinetWords]) -> CabinetWords:
    return CabinetWords(
        *(np.concatenate([getattr(one, key) for one in words]) for key in CabinetWords.__struct_fields__)
    )
