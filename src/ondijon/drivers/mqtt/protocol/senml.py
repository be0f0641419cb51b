"""SenML packs (RFC 8428) in JSON and CBOR: decode, unfold the base fields, encode."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import cbor2
import msgspec
from msgspec import Struct

from ondijon.kernel.errors import RemoteProtocolError

BIGGEST_VERSION = 10
# RFC 8428, 4.5.3: a time below 2**28 counts from now, at or above it from 1970.
RELATIVE_BELOW_S = 2.0**28
_BASE_LABELS = ("bver", "bn", "bt", "bu", "bv", "bs")
# RFC 8428, table 4.
_CBOR_LABELS: dict[object, str] = {
    -1: "bver", -2: "bn", -3: "bt", -4: "bu", -5: "bv", -6: "bs",
    0: "n", 1: "u", 2: "v", 3: "vs", 4: "vb", 5: "s", 6: "t", 7: "ut", 8: "vd",
}  # fmt: skip
_NO_ARRAY = "a pack is an array of records"
_CBOR_NUMBERS = {label: number for number, label in _CBOR_LABELS.items()}


class Record(Struct, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """One SenML record, labels as in JSON; `vd` is base64url without padding."""

    bver: int | None = None
    bn: str | None = None
    bt: float | None = None
    bu: str | None = None
    bv: float | None = None
    bs: float | None = None
    n: str = ""
    u: str | None = None
    v: float | None = None
    vs: str | None = None
    vb: bool | None = None
    vd: str | None = None
    s: float | None = None
    t: float = 0.0
    ut: float | None = None


class Pack(NamedTuple):
    """What could be decoded of a pack, and for each record that could not be why (its place and the fault)."""

    records: list[Record]
    faults: list[str]


class Unfolded(NamedTuple):
    """A pack without base names, times and values; times may still be relative."""

    names: list[str]
    values: list[float | None]
    times: list[float]


_decode_records = msgspec.json.Decoder(list[Record]).decode


def decode_json(payload: bytes) -> Pack:
    """Decode a JSON pack; raises RemoteProtocolError when it is no SenML at all."""
    try:
        return Pack(_decode_records(payload), [])
    except (ValueError, RecursionError):
        pass
    # Slow and forgiving: what one record has wrong (NaN, a foreign type) must not cost the others.
    try:
        items = json.loads(payload.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise RemoteProtocolError("error.malformed_pack", detail=str(error)) from error
    return _salvage(items)


def decode_cbor(payload: bytes) -> Pack:
    """Decode a CBOR pack; raises RemoteProtocolError when it is no SenML at all."""
    try:
        items = cbor2.loads(payload, max_depth=16)
    except (cbor2.CBORError, ValueError, ArithmeticError, TypeError, RecursionError, MemoryError) as error:
        raise RemoteProtocolError("error.malformed_pack", detail=str(error)) from error
    if not isinstance(items, list):
        raise RemoteProtocolError("error.malformed_pack", detail=_NO_ARRAY)
    try:
        renamed = [{_CBOR_LABELS[key]: value for key, value in item.items()} for item in items]
        return Pack(msgspec.convert(renamed, list[Record]), [])
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError):
        return _salvage(items)


def unfold(records: Sequence[Record]) -> Unfolded:
    """Apply base name, base time and base value to every record (sums and units are not used here)."""
    base_name, base_time, base_value = "", 0.0, None
    names: list[str] = []
    values: list[float | None] = []
    times: list[float] = []
    for record in records:
        if record.bn is not None:
            base_name = record.bn
        if record.bt is not None:
            base_time = record.bt
        if record.bv is not None:
            base_value = record.bv
        names.append(base_name + record.n)
        times.append(base_time + record.t)
        values.append(record.v if base_value is None else _with_base(base_value, record))
    return Unfolded(names, values, times)


def _with_base(base_value: float, record: Record) -> float | None:
    if record.vs is not None or record.vb is not None or record.vd is not None:
        return record.v
    return base_value + (record.v or 0.0)


def resolve(records: Sequence[Record], now_s: float) -> list[Record]:
    """RFC 8428, 4.6: the same pack without base fields and relative times, in time order."""
    names, values, times = unfold(records)
    base_unit, base_sum = None, None
    resolved: list[Record] = []
    for place, record in enumerate(records):
        base_unit = record.bu if record.bu is not None else base_unit
        base_sum = record.bs if record.bs is not None else base_sum
        total = record.s if base_sum is None else base_sum + (record.s or 0.0)
        time_s = times[place] if times[place] >= RELATIVE_BELOW_S else now_s + times[place]
        resolved.append(
            Record(
                bver=records[0].bver,
                n=names[place],
                u=record.u if record.u is not None else base_unit,
                v=values[place],
                vs=record.vs,
                vb=record.vb,
                vd=record.vd,
                s=total,
                t=time_s,
                ut=record.ut,
            )
        )
    return sorted(resolved, key=lambda record: record.t)


def version_of(records: Sequence[Record]) -> int:
    """The highest base version that the pack asks for."""
    return max((record.bver for record in records if record.bver is not None), default=BIGGEST_VERSION)


def encode_json(records: Sequence[Record]) -> bytes:
    """A JSON pack; non-finite numbers stay visible as NaN and Infinity (never sent, only kept)."""
    builtins = msgspec.to_builtins(list(records))
    return json.dumps(builtins, separators=(",", ":")).encode()


def encode_cbor(records: Sequence[Record]) -> bytes:
    """A CBOR pack, numbers in the shortest form that keeps their value."""
    packs = [{_CBOR_NUMBERS[label]: value for label, value in _fields(record).items()} for record in records]
    return cbor2.dumps([{key: _shortest(value) for key, value in pack.items()} for pack in packs])


def _fields(record: Record) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(record)
    return fields


def _shortest(value: object) -> object:
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _salvage(items: object) -> Pack:
    if not isinstance(items, list):
        raise RemoteProtocolError("error.malformed_pack", detail=_NO_ARRAY)
    records: list[Record] = []
    faults: list[str] = []
    carried: dict[str, Any] = {}
    for place, item in enumerate(items):
        labelled = _labelled(item)
        try:
            record = _record_of(labelled)
        except (ValueError, OverflowError) as error:
            faults.append(f"record {place}: {error}")
            bases = {label: labelled[label] for label in _BASE_LABELS if labelled.get(label) is not None}
            try:
                _record_of(bases)
            except (ValueError, OverflowError):
                # Without its base fields nobody can tell what the following records are about.
                faults.append(f"records after {place}: base fields unknown")
                break
            carried.update(bases)
            continue
        _inherit(record, carried)
        carried = {}
        records.append(record)
    return Pack(records, faults)


def _labelled(item: object) -> dict[object, Any]:
    if not isinstance(item, Mapping):
        return {"n": None}
    return {_CBOR_LABELS.get(key, key): _plain(value) for key, value in item.items()}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bytes):
        return urlsafe_b64encode(value).rstrip(b"=").decode()
    return value


def _record_of(labelled: Mapping[Any, Any]) -> Record:
    known = {label: value for label, value in labelled.items() if label in _CBOR_NUMBERS}
    for label in labelled:
        # RFC 8428, 4.4: what ends in an underscore must be understood, everything else may be ignored.
        if isinstance(label, str) and label.endswith("_"):
            raise ValueError(f"label {label!r} is not understood")
    return msgspec.convert(known, Record)


def _inherit(record: Record, carried: dict[str, Any]) -> None:
    for label, value in carried.items():
        if getattr(record, label) is None:
            setattr(record, label, value)
