"""All programmes of all lights: lights that are alike in everything that matters are resolved once."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.rules.programmes.calendar import SILENT, Nights, rule_by_night
from ondijon.domains.lighting.rules.programmes.compose import Composition, Leave, NightProfile, compose, stored_profile
from ondijon.domains.lighting.rules.programmes.lights import NOWHERE, Lights, rows_in
from ondijon.domains.lighting.rules.programmes.model import Content
from ondijon.kernel.arrays import Bools, Floats, Ints8, Ints32

FLOOR_STEPS = 100  # floors that differ by less than 1/100 % are one


class Allowance(Struct, frozen=True, eq=False):
    """An authorised policy over all lights and nights: where it holds, and what it lets go below the floor."""

    rows: Bools
    nights: Bools
    leave: Leave


class Signatures(Struct, frozen=True, eq=False):
    """Lights grouped by which programmes and policies mean them and by floor.

    of_light: each light's signature, NOWHERE where it was not asked for; members: by signature, one column a programme,
    then one a policy; lights: how many each has.
    """

    of_light: Ints32
    members: Bools
    floor_pct: Floats
    lights: Ints32


class Resolution(Struct, frozen=True, eq=False):
    """Every night of every signature: `by_night[s, n]` is a composition's place, `profile_of` that of its profile."""

    contents: tuple[Content, ...]
    nights: Nights
    signatures: Signatures
    compositions: tuple[Composition, ...]
    profiles: tuple[NightProfile, ...]
    profile_of: Ints32
    by_night: Ints32


def in_rank(contents: Sequence[Content]) -> tuple[Content, ...]:
    """Programmes from the lowest to the highest."""
    return tuple(sorted(contents, key=lambda content: content.rank))


def group_lights(
    lights: Lights, contents: Sequence[Content], allowances: Sequence[Allowance], rows: Ints32 | None = None
) -> Signatures:
    """The signatures of the lights `rows` (all when None)."""
    masks = [rows_in(content.scope, lights) for content in contents] + [one.rows for one in allowances]
    chosen = np.arange(len(lights), dtype=np.int32) if rows is None else rows
    members = np.array(masks, np.bool_).reshape(len(masks), len(lights))[:, chosen].T
    floors = np.round(lights.floor_pct[chosen] * FLOOR_STEPS).astype(np.int32)
    packed = np.packbits(members, axis=1)
    keys = np.ascontiguousarray(np.concatenate([packed, floors[:, None].view(np.uint8)], axis=1))
    whole = keys.view(np.dtype((np.void, keys.shape[1]))).reshape(-1)
    _, first, of_light, counts = np.unique(whole, return_index=True, return_inverse=True, return_counts=True)
    everybody = np.full(len(lights), NOWHERE, np.int32)
    everybody[chosen] = of_light.reshape(-1)
    return Signatures(everybody, members[first], floors[first] / FLOOR_STEPS, counts.astype(np.int32))


def resolve(
    lights: Lights,
    contents: Sequence[Content],
    nights: Nights,
    allowances: Sequence[Allowance] = (),
    rows: Ints32 | None = None,
) -> Resolution:
    """Every night of the lights `rows` (all when None)."""
    ranked = in_rank(contents)
    signatures = group_lights(lights, ranked, allowances, rows)
    spoken = [rule_by_night(content, nights) for content in ranked]
    spoken += [np.where(one.nights, np.int8(0), np.int8(SILENT)).astype(np.int8) for one in allowances]
    composer = _Composer(ranked, allowances)
    said = np.array(spoken, np.int8).reshape(len(spoken), len(nights))
    by_night = composer.compose_all(signatures, said)
    profiles: dict[NightProfile, int] = {}
    stored = [stored_profile(composition) for composition in composer.compositions]
    profile_of = np.array([profiles.setdefault(profile, len(profiles)) for profile in stored], np.int32)
    return Resolution(ranked, nights, signatures, tuple(composer.compositions), tuple(profiles), profile_of, by_night)


class _Composer:
    """Composes each combination of rules, policies and floor once."""

    def __init__(self, contents: Sequence[Content], allowances: Sequence[Allowance]) -> None:
        self._contents = contents
        self._allowances = allowances
        self._known: dict[tuple[bytes, bytes, float], int] = {}
        self._same_nights: dict[bytes, tuple[Ints8, Ints32]] = {}
        self.compositions: list[Composition] = []

    def compose_all(self, signatures: Signatures, said: Ints8) -> Ints32:
        """By signature and night, the place of the composition."""
        by_night = np.empty((len(signatures.members), said.shape[1]), np.int32)
        for s, (members, floor_pct) in enumerate(zip(signatures.members, signatures.floor_pct.tolist(), strict=True)):
            combinations, of_night = self._combinations(members, said)
            places = [self._place(members, column, floor_pct) for column in combinations.T]
            by_night[s] = np.array(places, np.int32)[of_night]
        return by_night

    def _combinations(self, members: Bools, said: Ints8) -> tuple[Ints8, Ints32]:
        key = members.tobytes()
        if key not in self._same_nights:
            columns, of_night = np.unique(said[members], axis=1, return_inverse=True)
            self._same_nights[key] = columns, of_night.reshape(-1).astype(np.int32)
        return self._same_nights[key]

    def _place(self, members: Bools, column: Ints8, floor_pct: float) -> int:
        key = members.tobytes(), column.tobytes(), floor_pct
        if key not in self._known:
            self._known[key] = len(self.compositions)
            self.compositions.append(self._compose(np.flatnonzero(members).tolist(), column.tolist(), floor_pct))
        return self._known[key]

    def _compose(self, places: list[int], said: list[int], floor_pct: float) -> Composition:
        programmes = len(self._contents)
        speaking = [(place, rule) for place, rule in zip(places, said, strict=True) if rule != SILENT]
        rules = [(place, self._contents[place].rules[rule]) for place, rule in speaking if place < programmes]
        leaves = [self._allowances[place - programmes].leave for place, _ in speaking if place >= programmes]
        return compose(rules, floor_pct, leaves)
