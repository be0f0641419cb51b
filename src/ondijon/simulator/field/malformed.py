"""Packs as broken gateways send them: every way of being wrong in turn."""

from collections.abc import Sequence

from ondijon.simulator.field.senml import Record, encode_json

FOREIGN_DEVICE = "SL-OF-SOMEBODY-ELSE"
FUTURE_S = 7200.0


def malformed_pack(turn: int, now_s: float, sequence: int, good: Sequence[Record]) -> bytes:
    """The `turn`-th kind of broken pack, made of a good one; `sequence` is its own number."""
    head = Record(bt=round(now_s, 3), n="seq", v=sequence)
    whole = encode_json([head, *good])
    device = next((record.bn for record in good if record.bn is not None), "SL-000000/")
    broken = (
        whole[: len(whole) // 2],
        b"\xff\xfe\x00 not text",
        b'{"not": "a list"}',
        b"[]",
        b"",
        encode_json([Record(bn=device, n="level", v=0.5)]),
        encode_json([head, Record(bn=f"{FOREIGN_DEVICE}/", n="level", v=0.5)]),
        encode_json([head, Record(bn=device, n="flavour", v=3.0)]),
        encode_json([head, Record(bn=device, n="level", vs="bright")]),
        encode_json([head, Record(bn=device, n="level", v=17.0)]),
        encode_json([head, Record(bn=device, n="level")]),
        encode_json([Record(bt=round(now_s + FUTURE_S, 3), n="seq", v=sequence), *good[:1]]),
        b'[{"bt":%d,"n":"seq","v":%d},{"n":"a level","v":1e999}]' % (int(now_s), sequence),
        b"[" * 2000,
    )
    return broken[turn % len(broken)]
