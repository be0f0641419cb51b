"""Gathers the records of many messages into flat lists, then judges and batches them with numpy at once."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import repeat
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from ondijon.drivers.mqtt.mapping import letters
from ondijon.drivers.mqtt.mapping.letters import LetterBox
from ondijon.drivers.mqtt.mapping.wire_table import ROW_BITS, UNKNOWN, GatewayTable, WireTable
from ondijon.drivers.mqtt.protocol.senml import RELATIVE_BELOW_S, Record, Unfolded
from ondijon.kernel.arrays import Bools, Floats, Ints32, Ints64
from ondijon.kernel.readings import Quality, ReadingBatch

FUTURE_US = 5 * 60 * 1_000_000
# Eight and a half years, as far back as RFC 8428 lets a time be relative: a clock that was never set.
OLDEST_US = int(RELATIVE_BELOW_S) * 1_000_000
_LATEST_S = 1e11
_ROW_MASK = (1 << ROW_BITS) - 1


class _Said(NamedTuple):
    """Where the records of one message start."""

    start: int
    table: GatewayTable


class Gathered:
    """Readings of one intake, not yet judged."""

    def __init__(self, wire: WireTable) -> None:
        self._wire = wire
        self._said: list[_Said] = []
        self._records: list[Record] = []
        self._names: list[str] = []
        self._codes: list[int] = []
        self._values: list[float | None] = []
        self._times: list[float] = []

    def add(self, table: GatewayTable, records: Sequence[Record], unfolded: Unfolded, start: int = 0) -> None:
        """Take the records of one message from place `start` on."""
        names, values, times = unfolded
        if start:
            records, names = records[start:], names[start:]
            values, times = values[start:], times[start:]
        self._said.append(_Said(len(self._codes), table))
        self._records += records
        self._names += names
        self._codes += map(table.code_of.get, names, repeat(UNKNOWN))
        self._values += values
        self._times += times

    def batches(self, received_us: int, box: LetterBox) -> list[ReadingBatch]:
        """One batch for each twin type that has good readings; everything else goes into the box."""
        count = len(self._codes)
        if count == 0:
            return []
        codes = np.fromiter(self._codes, np.int64, count)
        value = np.array(self._values, np.float64)
        reason: dict[int, str] = {}
        good = self._judge_values(codes, value, reason)
        observed_us = self._judge_times(received_us, good, reason)
        if reason:
            self._drop(reason, received_us, box)
        return self._split(codes, value, observed_us, good, received_us)

    def _judge_values(self, codes: Ints64, value: Floats, reason: dict[int, str]) -> Bools:
        """Scale numbers, read booleans and choices into `value`; returns which are good."""
        wire = self._wire
        known = codes >= 0
        number = np.where(known, codes >> ROW_BITS, 0)
        if len(wire.properties):
            good = known & wire.is_number[number]
            with np.errstate(over="ignore", invalid="ignore"):
                value *= wire.scale[number]
        else:
            good = known
        good &= np.isfinite(value)
        for place in np.flatnonzero(~good).tolist():
            fault = self._judge_one(place, int(codes[place]), value)
            if fault is None:
                good[place] = True
            else:
                reason[place] = fault
        return good

    def _judge_one(self, place: int, code: int, value: Floats) -> str | None:
        """Read what is no plain number; returns the reason when it cannot be taken."""
        record = self._records[place]
        if code < 0:
            return self._whose(place)
        declared = self._wire.properties[code >> ROW_BITS]
        number = self._values[place]
        if declared.spec.kind == "number":
            return letters.WRONG_KIND if number is None else letters.NOT_FINITE
        if number is not None:
            return letters.WRONG_KIND
        if declared.spec.kind == "boolean":
            if record.vb is None:
                return letters.WRONG_KIND
            value[place] = float(record.vb)
            return None
        if record.vs is None:
            return letters.WRONG_KIND
        choice = declared.choice_of.get(record.vs)
        if choice is None:
            return letters.UNKNOWN_CHOICE
        value[place] = choice
        return None

    def _whose(self, place: int) -> str:
        device = self._names[place].partition("/")[0]
        own = device in self._speaker(place).place_of
        return letters.UNKNOWN_PROPERTY if own else letters.NOT_OWN_DEVICE

    def _speaker(self, place: int) -> GatewayTable:
        return self._said[bisect_right(self._said, place, key=attrgetter("start")) - 1].table

    def _judge_times(self, received_us: int, good: Bools, reason: dict[int, str]) -> Ints64:
        """Absolute times in microseconds; takes impossible and future ones out of `good`."""
        time_s = np.array(self._times, np.float64)
        sane = np.abs(time_s) < _LATEST_S  # False for NaN and infinity too
        all_sane = bool(sane.all())
        observed_us = np.rint((time_s if all_sane else np.where(sane, time_s, 0.0)) * 1e6).astype(np.int64)
        observed_us[time_s < RELATIVE_BELOW_S] += received_us
        future = observed_us > received_us + FUTURE_US
        early = observed_us < received_us - OLDEST_US
        if all_sane and not future.any() and not early.any():
            return observed_us
        for wrong, why in ((~sane | early, letters.BAD_TIME), (sane & future, letters.FROM_THE_FUTURE)):
            for place in np.flatnonzero(wrong & good).tolist():
                reason[place] = why
            good &= ~wrong
        return observed_us

    def _drop(self, reason: dict[int, str], received_us: int, box: LetterBox) -> None:
        """One letter for each message and reason."""
        now_s = received_us / 1e6
        grouped: dict[tuple[int, str], list[int]] = {}
        starts = np.array([said.start for said in self._said])
        places = sorted(reason)
        messages = (np.searchsorted(starts, places, side="right") - 1).tolist()
        for place, message in zip(places, messages, strict=True):
            grouped.setdefault((message, reason[place]), []).append(place)
        for (message, why), members in grouped.items():
            gateway = self._said[message].table.gateway
            box.drop_records(gateway, why, [self._resolved(place, now_s) for place in members])

    def _resolved(self, place: int, now_s: float) -> Record:
        record, time_s = self._records[place], self._times[place]
        return Record(
            n=self._names[place],
            u=record.u,
            v=self._values[place],
            vs=record.vs,
            vb=record.vb,
            vd=record.vd,
            t=time_s + now_s if time_s < RELATIVE_BELOW_S else time_s,
        )

    def _split(
        self, codes: Ints64, value: Floats, observed_us: Ints64, good: Bools, received_us: int
    ) -> list[ReadingBatch]:
        if not good.all():
            codes, value, observed_us = codes[good], value[good], observed_us[good]
        if len(codes) == 0:
            return []
        number = codes >> ROW_BITS
        row: Ints32 = (codes & _ROW_MASK).astype(np.int32)
        index = self._wire.place[number]
        type_code = self._wire.type_code[number]
        batches: list[ReadingBatch] = []
        counts = np.bincount(type_code, minlength=len(self._wire.types))
        for code in np.flatnonzero(counts).tolist():
            chosen = slice(None) if counts[code] == len(row) else np.flatnonzero(type_code == code)
            part = row[chosen]
            batches.append(
                ReadingBatch(
                    twin_type=self._wire.types[code],
                    row=part,
                    property_index=index[chosen],
                    value=value[chosen],
                    observed_us=observed_us[chosen],
                    received_us=np.full(len(part), received_us, np.int64),
                    quality=np.full(len(part), Quality.GOOD, np.uint8),
                )
            )
        return batches
