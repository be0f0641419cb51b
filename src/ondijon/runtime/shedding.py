"""When the post falls behind its field and stays behind, what newer readings have overtaken is left out of history."""

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Bools, Ints64
from ondijon.kernel.readings import ReadingBatch

SECOND_US = 1_000_000
# Behind so far, with so many messages waiting, for so long without gaining: only then is anything left out.
SHED_FROM_S = 30.0
SHED_FROM_MESSAGES = 1_000
WATCHED_S = 30.0
# Half a second gained a second: a backlog after an outage drains faster than that and is taken in whole.
LEAST_GAIN = 0.5
# It ends when the post is as good as up to date.
CALM_S = 5.0
# A longer silence between two intakes was an outage (the database's, the broker's), and no measure of our speed.
OUTAGE_S = 5.0
# Younger readings are always kept.
OLD_S = 30.0


class Pressure(Struct, frozen=True):
    """Whether readings are being shed; since when, and how far behind, the post is being watched for a gain."""

    is_shedding: bool = False
    watched_from_us: int = 0
    behind_then_s: float = 0.0
    last_us: int = 0


def evolve_pressure(before: Pressure, now_us: int, behind_s: float | None, messages: int) -> Pressure:
    """The state after one more intake; behind_s: age of the oldest message not committed, None while not known.

    What is not known sheds nothing.
    """
    if behind_s is None or behind_s < CALM_S:
        return Pressure(False, now_us, behind_s or 0.0, now_us)
    if now_us < before.last_us or now_us - before.last_us > OUTAGE_S * SECOND_US:
        return Pressure(before.is_shedding, now_us, behind_s, now_us)
    watched_s = (now_us - before.watched_from_us) / SECOND_US
    if watched_s < WATCHED_S:
        return Pressure(before.is_shedding, before.watched_from_us, before.behind_then_s, now_us)
    gained_s = before.behind_then_s - behind_s
    must_shed = behind_s >= SHED_FROM_S and messages >= SHED_FROM_MESSAGES and gained_s < LEAST_GAIN * watched_s
    return Pressure(before.is_shedding or must_shed, now_us, behind_s, now_us)


def find_overtaken(batch: ReadingBatch) -> Bools:
    """Which readings have a newer one of the same value of the same twin in the batch; the last of equal ones stays."""
    flat: Ints64 = batch.row.astype(np.int64) * (1 << 16) + batch.property_index
    order = np.lexsort((batch.observed_us, flat))
    overtaken = np.zeros(len(batch), np.bool_)
    overtaken[order[:-1]] = flat[order[1:]] == flat[order[:-1]]
    return overtaken


def choose_shed(batch: ReadingBatch, is_measure: Bools, may_lose: Bools, now_us: int) -> Bools:
    """Which readings of a batch may be left out: measures, overtaken in it, old, of twins that may lose some.

    is_measure: by property, whether it is a measured number and not how a thing stands; may_lose: by row, false where
    an alarm stands or has just changed, whose whole course is evidence.
    """
    is_old = batch.observed_us < now_us - int(OLD_S * SECOND_US)
    shed: Bools = find_overtaken(batch) & is_old & is_measure[batch.property_index] & may_lose[batch.row]
    return shed
