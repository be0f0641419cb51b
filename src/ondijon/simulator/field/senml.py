"""SenML packs (RFC 8428) in JSON and CBOR, written for the field alone."""

import base64
import binascii
import math
import re
from collections.abc import Mapping, Sequence
from io import BytesIO

import cbor2
import msgspec
from msgspec import Struct

from ondijon.kernel.errors import RemoteProtocolError

RELATIVE_BELOW_S = 2.0**28
NEWEST_VERSION = 10
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-:./_]*")
# RFC 8428 table 4; `vd` travels as bytes in CBOR and as unpadded base64url in JSON.
_CBOR_LABELS = {
    "bver": -1, "bn": -2, "bt": -3, "bu": -4, "bv": -5, "bs": -6, "n": 0,
    "u": 1, "v": 2, "vs": 3, "vb": 4, "s": 5, "t": 6, "ut": 7, "vd": 8,
}  # fmt: skip
_CBOR_WORDS = {number: word for word, number in _CBOR_LABELS.items()}


class Record(Struct, omit_defaults=True):
    """One record as it travels, with the RFC's own field names."""

    bn: str | None = None
    bt: float | None = None
    bu: str | None = None
    bv: float | None = None
    bs: float | None = None
    bver: int | None = None
    n: str | None = None
    u: str | None = None
    t: float | None = None
    v: float | None = None
    vs: str | None = None
    vb: bool | None = None
    vd: bytes | None = None
    s: float | None = None
    ut: float | None = None


class Resolved(Struct, frozen=True):
    """A record on its own: full name, absolute time, unit, one value and perhaps a sum."""

    name: str
    time_s: float
    unit: str | None
    value: float | bool | str | bytes | None
    sum: float | None = None
    update_time_s: float | None = None


_JSON = msgspec.json.Encoder()


def encode_json(pack: Sequence[Record]) -> bytes:
    if all(record.vd is None for record in pack):
        return _JSON.encode(pack)
    rows = []
    for record in pack:
        row = _present(record)
        if record.vd is not None:
            row["vd"] = base64.urlsafe_b64encode(record.vd).rstrip(b"=").decode()
        rows.append(row)
    return _JSON.encode(rows)


def encode_cbor(pack: Sequence[Record]) -> bytes:
    return cbor2.dumps([{_CBOR_LABELS[key]: value for key, value in _present(record).items()} for record in pack])


def _present(record: Record) -> dict[str, object]:
    return {key: value for key in record.__struct_fields__ if (value := getattr(record, key)) is not None}


def decode_json(payload: bytes) -> list[Record]:
    """Read a JSON pack; raises RemoteProtocolError."""
    try:
        rows = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise RemoteProtocolError("simulator.bad_pack", reason=str(fault)) from fault
    return pack_from_plain(rows, cbor=False)


def decode_cbor(payload: bytes) -> list[Record]:
    """Read a CBOR pack; raises RemoteProtocolError."""
    return pack_from_plain(plain_cbor(payload), cbor=True)


def plain_cbor(payload: bytes) -> object:
    """Read exactly one CBOR item; raises RemoteProtocolError."""
    stream = BytesIO(payload)
    try:
        item: object = cbor2.load(stream)
    except (cbor2.CBORDecodeError, ValueError, RecursionError) as fault:
        raise RemoteProtocolError("simulator.bad_pack", reason=str(fault)) from fault
    if stream.read(1):
        raise RemoteProtocolError("simulator.bad_pack", reason="bytes after the pack")
    return item


def pack_from_plain(rows: object, *, cbor: bool) -> list[Record]:
    """Make a pack of decoded lists and maps; raises RemoteProtocolError."""
    if not isinstance(rows, list) or not rows:
        raise RemoteProtocolError("simulator.bad_pack", reason="not a list of records")
    return [_record(row, cbor=cbor) for row in rows]


def _record(row: object, *, cbor: bool) -> Record:
    if not isinstance(row, Mapping):
        raise RemoteProtocolError("simulator.bad_pack", reason="a record is not a map")
    words: dict[str, object] = {}
    for label, value in row.items():
        word = _CBOR_WORDS.get(label, label) if cbor and isinstance(label, int) else label
        if isinstance(word, str):
            # RFC 8428, 4.4: an unknown label that ends in "_" must be understood, others are ignored.
            if word.endswith("_"):
                raise RemoteProtocolError("simulator.bad_pack", reason="label must be understood", label=word)
            words[word] = value
    try:
        if not cbor and isinstance(data := words.get("vd"), str):
            words["vd"] = base64.b64decode(data + "=" * (-len(data) % 4), b"-_", validate=True)
        return msgspec.convert(words, Record)
    except (msgspec.ValidationError, binascii.Error, ValueError) as fault:
        raise RemoteProtocolError("simulator.bad_pack", reason=str(fault)) from fault


def resolve(pack: Sequence[Record], now_s: float) -> list[Resolved]:
    """Apply base fields and make times absolute (RFC 8428, 4.6); raises RemoteProtocolError."""
    name, unit, time_s, value, total = "", None, 0.0, 0.0, 0.0
    resolved = []
    for record in pack:
        if record.bver is not None and not 0 < record.bver <= NEWEST_VERSION:
            raise RemoteProtocolError("simulator.bad_pack", reason="unknown version", version=record.bver)
        name = record.bn if record.bn is not None else name
        unit = record.bu if record.bu is not None else unit
        time_s = record.bt if record.bt is not None else time_s
        value = record.bv if record.bv is not None else value
        total = record.bs if record.bs is not None else total
        if _has_value(record):
            resolved.append(_resolve_one(record, (name, unit, time_s, value, total), now_s))
    return resolved


def _has_value(record: Record) -> bool:
    values = (record.v, record.vs, record.vb, record.vd)
    present = sum(value is not None for value in values)
    if present > 1:
        raise RemoteProtocolError("simulator.bad_pack", reason="two values in one record")
    return present == 1 or record.s is not None


def _resolve_one(record: Record, base: tuple[str, str | None, float, float, float], now_s: float) -> Resolved:
    base_name, base_unit, base_time_s, base_value, base_sum = base
    name = base_name + (record.n or "")
    if _NAME.fullmatch(name) is None:
        raise RemoteProtocolError("simulator.bad_pack", reason="bad name", name=name)
    time_s = base_time_s + (record.t or 0.0)
    number = None if record.v is None else base_value + record.v
    total = None if record.s is None else base_sum + record.s
    if not all(math.isfinite(x) for x in (time_s, number or 0.0, total or 0.0)):
        raise RemoteProtocolError("simulator.bad_pack", reason="a number is not finite", name=name)
    other = record.vs if record.vs is not None else record.vb if record.vb is not None else record.vd
    return Resolved(
        name=name,
        time_s=time_s if time_s >= RELATIVE_BELOW_S else now_s + time_s,
        unit=record.u if record.u is not None else base_unit,
        value=number if number is not None else other,
        sum=total,
        update_time_s=record.ut,
    )
