"""Packs as a bad field sends them: twice, out of order, a day late, from a wrong clock, or unreadable."""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.faults.field_gateway import FieldGateway
from tests.faults.harness.injector import PCT_A_NUMBER
from tests.faults.town import own_light

DAY_S = 86_400.0
YEAR_S = 365.25 * DAY_S
# What the post takes in of a clock that is off by so much (docs/drivers/mqtt.md): a future beyond 5 min is quarantined.
WRONG_CLOCKS = {-8 * YEAR_S: True, -DAY_S: True, -3_600.0: True, 240.0: True, 3_600.0: False, 10 * YEAR_S: False}
POISON = (b"\xff\xfenot json", b"[]", b'{"bt":1}', b'[{"n":"","v":1}]', b'[{"bt":"x","n":"a/level","v":1}]')


@dataclass(frozen=True)
class Late:
    """One pack of the disordered field: its number, the instant it speaks of, and its words."""

    number: int
    at_s: float
    pack: str


def disordered(gateway: FieldGateway, stream: int, count: int, luck: random.Random) -> list[Late]:
    """Numbered packs of the last minute and of a day ago, shuffled within 40, one in ten sent twice."""
    now_s = time.time()
    packs = []
    for place in range(count):
        number = gateway.next_sequence
        at_s = now_s - 60.0 + place * 60.0 / count - (DAY_S if place % 5 == 0 else 0.0)
        packs.append(Late(number, at_s, at_instant(gateway, stream, number, at_s)))
    packs = [pack for start in range(0, count, 40) for pack in _shuffled(packs[start : start + 40], luck)]
    return [again for pack in packs for again in ([pack, pack] if luck.random() < 0.1 else [pack])]


def at_instant(gateway: FieldGateway, stream: int, number: int, at_s: float) -> str:
    """The next pack, as of an instant of its own."""
    sequence, reading = json.loads(gateway.next_pack({"n": f"{own_light(stream, 0)}/level", "v": _level(number)}))
    return json.dumps([sequence | {"bt": round(at_s, 3)}, reading])


def poisoned(count: int, one_in: int) -> Iterator[bytes | None]:
    """`count` places, of which every tenth or so is poison; None is a good pack's."""
    for place in range(count):
        yield POISON[place // one_in % len(POISON)] if place % one_in == 0 else None


def _shuffled(packs: list[Late], luck: random.Random) -> list[Late]:
    luck.shuffle(packs)
    return packs


def _level(number: int) -> float:
    return number * PCT_A_NUMBER / 100
