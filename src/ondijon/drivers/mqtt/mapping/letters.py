"""Dead letters of one intake: kept whole with their reason, folded when one gateway repeats itself."""

from collections.abc import Sequence

import msgspec

from ondijon.drivers.mqtt.protocol import senml, topics
from ondijon.drivers.mqtt.protocol.senml import Record
from ondijon.kernel.field import DeadLetter

BAD_TOPIC = "bad_topic"
UNKNOWN_GATEWAY = "unknown_gateway"
TOO_BIG = "too_big"
MALFORMED = "malformed"
BAD_VERSION = "bad_version"
BAD_SEQUENCE = "bad_sequence"
BAD_RECORD = "bad_record"
NOT_OWN_DEVICE = "not_own_device"
UNKNOWN_PROPERTY = "unknown_property"
WRONG_KIND = "wrong_kind"
UNKNOWN_CHOICE = "unknown_choice"
NOT_FINITE = "not_finite"
BAD_TIME = "bad_time"
FROM_THE_FUTURE = "from_the_future"
REASONS = (
    BAD_TOPIC, UNKNOWN_GATEWAY, TOO_BIG, MALFORMED, BAD_VERSION, BAD_SEQUENCE, BAD_RECORD, NOT_OWN_DEVICE,
    UNKNOWN_PROPERTY, WRONG_KIND, UNKNOWN_CHOICE, NOT_FINITE, BAD_TIME, FROM_THE_FUTURE,
)  # fmt: skip

LETTERS_OF_A_KIND = 3
_LONGEST_DETAIL = 300
_KEPT_OF_TOO_BIG_BYTES = 4096


class LetterBox:
    """Collects what could not be understood; the fourth letter of a gateway and reason is only counted."""

    def __init__(self) -> None:
        self._letters: dict[tuple[str, str], list[DeadLetter]] = {}
        self._folded: dict[tuple[str, str], int] = {}

    def drop(self, topic: str, gateway: str, payload: bytes, reason: str, detail: str) -> None:
        """Keep one letter."""
        key = (gateway, reason)
        kept = self._letters.setdefault(key, [])
        if len(kept) >= LETTERS_OF_A_KIND:
            self._folded[key] = self._folded.get(key, 0) + 1
            return
        if reason == TOO_BIG:
            payload = payload[:_KEPT_OF_TOO_BIG_BYTES]
        kept.append(DeadLetter(printable(topic), printable(gateway), payload, reason, printable(detail)))

    def drop_records(self, gateway: str, reason: str, records: Sequence[Record]) -> None:
        """Keep some records of one message, resolved, as a pack that can be replayed on its own."""
        detail = records[0].n if len(records) == 1 else f"{records[0].n} and {len(records) - 1} more"
        self.drop(topics.up(gateway, "telemetry"), gateway, senml.encode_json(records), reason, detail)

    def letters(self) -> list[DeadLetter]:
        """All letters; the last of a folded kind says how many more there were."""
        for key, count in self._folded.items():
            last = self._letters[key][-1]
            self._letters[key][-1] = msgspec.structs.replace(last, detail=f"{last.detail} (+{count} messages)")
        self._folded = {}
        return [letter for kept in self._letters.values() for letter in kept]


def printable(text: str) -> str:
    """Text that every engine and screen can carry: no NUL, no lone surrogates, not endless."""
    clean = text[:_LONGEST_DETAIL].replace("\x00", "\\x00")
    return clean.encode("utf-8", "backslashreplace").decode()
