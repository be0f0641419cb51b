"""What each gateway stores: profiles, groups of its devices, and a calendar of nights (docs/drivers/mqtt.md)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.rules.programmes.compose import NightProfile
from ondijon.domains.lighting.rules.programmes.lights import NOWHERE, Lights
from ondijon.domains.lighting.rules.programmes.local_times import local_of
from ondijon.domains.lighting.rules.programmes.model import Edge
from ondijon.domains.lighting.rules.programmes.resolve import Resolution
from ondijon.kernel.arrays import Bytes8, Ints32
from ondijon.kernel.errors import Refused

NIGHTS = 400  # how far ahead a gateway knows its nights when it is given them
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CLUSTERS_PER_DEGREE = 10  # gateways reckon the sun by a place within 5 km: 15 s

StoredContent = dict[str, Any]
_LETTERS: Bytes8 = np.frombuffer(ALPHABET.encode(), np.uint8)


class Cabinet(Struct, frozen=True):
    """A cabinet with a gateway, and the rows of its lights in the order of the inventory."""

    twin_no: int
    lon: float
    lat: float
    lights: Ints32


def compile_cabinets(
    resolution: Resolution, lights: Lights, cabinets: Sequence[Cabinet], timezone: str
) -> list[StoredContent]:
    """The content of each cabinet; the resolution has all of their lights. Raises Refused beyond 62 profiles in one."""
    calendars = _Calendars(resolution)
    return [_compile(cabinet, lights, calendars, timezone) for cabinet in cabinets]


class _Calendars:
    """Signatures whose nights are alike share one calendar of profiles."""

    def __init__(self, resolution: Resolution) -> None:
        self.resolution = resolution
        rows: dict[bytes, int] = {}
        by_night = resolution.profile_of[resolution.by_night]
        numbers = [rows.setdefault(row.tobytes(), len(rows)) for row in by_night]
        self.of_light: Ints32 = np.array(numbers, np.int32)[resolution.signatures.of_light]
        self.rows = [np.frombuffer(row, np.int32) for row in rows]
        self._written: dict[tuple[int, ...], tuple[list[Any], list[str]]] = {}

    def write(self, numbers: tuple[int, ...]) -> tuple[list[Any], list[str]]:
        """Profiles and calendars of these numbers, the profiles in the order of the nights that need them."""
        if numbers not in self._written:
            nights = np.concatenate([self.rows[number] for number in numbers])
            found, first, place = np.unique(nights, return_index=True, return_inverse=True)
            if len(found) > len(ALPHABET):
                raise Refused("lighting.refusal.too_many_profiles", most=len(ALPHABET))
            order = np.argsort(first)
            letter = np.empty(len(found), np.intp)
            letter[order] = np.arange(len(found))
            text = _LETTERS[letter[place.reshape(len(numbers), -1)]]
            profiles = [write_profile(self.resolution.profiles[found[at]]) for at in order]
            self._written[numbers] = profiles, [row.tobytes().decode() for row in text]
        return self._written[numbers]


def _compile(cabinet: Cabinet, lights: Lights, calendars: _Calendars, timezone: str) -> StoredContent:
    groups: dict[int, list[str]] = {}
    numbers = calendars.of_light[cabinet.lights].tolist()
    for row, number in zip(cabinet.lights.tolist(), numbers, strict=True):
        device = lights.device[row]
        if device is not None:
            groups.setdefault(number, []).append(device)
    for devices in groups.values():
        devices.sort()
    # The largest group is everybody else's: it needs no list, and a light added later follows it.
    ordered = sorted(groups, key=lambda number: (-len(groups[number]), groups[number][0]))
    profiles, written = calendars.write(tuple(ordered))
    others = [{"calendar": place, "devices": groups[number]} for place, number in enumerate(ordered[1:], 1)]
    return {
        "timezone": timezone,
        "position": [_clustered(cabinet.lon), _clustered(cabinet.lat)],
        "from": calendars.resolution.nights.first.isoformat(),
        "profiles": profiles,
        "calendars": written,
        "groups": [{"calendar": 0}, *others],
    }


def _clustered(degrees: float) -> float:
    return round(degrees * CLUSTERS_PER_DEGREE) / CLUSTERS_PER_DEGREE


def write_profile(profile: NightProfile) -> dict[str, Any]:
    """A night as it travels: levels from 0 to 1."""
    return {
        "on": _write_edge(profile.on),
        "off": _write_edge(profile.off),
        "steps": [{"from": local_of(minute), "level": round(level / 100.0, 4)} for minute, level in profile.steps],
    }


def _write_edge(edge: Edge) -> dict[str, Any]:
    written: dict[str, Any] = {"sun": edge.sun, "offset_min": edge.offset_min}
    limits: Mapping[str, str | None] = {"not_before": edge.not_before, "not_after": edge.not_after}
    return written | {key: value for key, value in limits.items() if value is not None}


def list_cabinets(lights: Lights, twin_no: Ints32, places: Sequence[tuple[float, float]]) -> list[Cabinet]:
    """The cabinets by number that have lights with a name on their wire, each with the rows of its lights."""
    named = np.array([device is not None for device in lights.device], np.bool_) & (lights.cabinet != NOWHERE)
    rows = np.flatnonzero(named).astype(np.int32)
    if not len(rows):
        return []
    rows = rows[np.argsort(lights.cabinet[rows], kind="stable")]
    numbers, starts = np.unique(lights.cabinet[rows], return_index=True)
    parts = np.split(rows, starts[1:])
    return [
        Cabinet(int(twin_no[number]), places[number][0], places[number][1], part)
        for number, part in zip(numbers.tolist(), parts, strict=True)
    ]
