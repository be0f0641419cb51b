"""A twin is the latest known state of one real object; its immutable view is built on demand from columns."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from ondijon.kernel.arrays import Bools, Floats, Ints16, Ints32
from ondijon.kernel.errors import NotFound
from ondijon.kernel.inventory import AttributeValue, TwinRecord


class TwinsOfType:
    """All twins of one type, by row: who they are and where; live values stand in `Columns` of the same rows.

    `edition` counts the renewals: what is computed from attributes and kept is kept by it.
    """

    def __init__(
        self, twin_type: str, records: Sequence[TwinRecord], twin_no: Ints32, commune_codes: Sequence[str]
    ) -> None:
        code_of = {insee: code for code, insee in enumerate(commune_codes)}
        self.twin_type = twin_type
        self.records = list(records)
        self.edition = 0
        self.twin_no = twin_no
        self.row_of = {record.id: row for row, record in enumerate(records)}
        self.lon: Floats = np.array([record.position[0] for record in records], np.float64)
        self.lat: Floats = np.array([record.position[1] for record in records], np.float64)
        self.commune: Ints16 = np.array([code_of[record.commune] for record in records], np.int16)
        self._numbers: dict[str, Floats] = {}
        self._parents: dict[str, Ints32] = {}

    def __len__(self) -> int:
        return len(self.records)

    def get_row(self, urn: str) -> int:
        """The row of a twin; raises NotFound."""
        row = self.row_of.get(urn)
        if row is None:
            raise NotFound("error.twin_not_found", id=urn)
        return row

    def renew(self, row: int, attributes: Mapping[str, AttributeValue]) -> bool:
        """Give a twin other attributes, in every array that `numbers` has given out too; False when it has them."""
        record = self.records[row]
        if record.attributes == attributes:
            return False
        self.records[row] = msgspec.structs.replace(record, attributes=attributes)
        for key, column in self._numbers.items():
            column[row] = _number(attributes, key)
        self.edition += 1
        return True

    def numbers(self, attribute: str) -> Floats:
        """A numeric attribute by row; NaN where a twin has none."""
        if attribute not in self._numbers:
            self._numbers[attribute] = np.array([_number(record.attributes, attribute) for record in self.records])
        return self._numbers[attribute]

    def rows_of_parents(self, parents: "TwinsOfType") -> Ints32:
        """The row of each twin's parent among these; -1 where it has none there."""
        if parents.twin_type not in self._parents:
            found = [parents.row_of.get(record.part_of or "", -1) for record in self.records]
            self._parents[parents.twin_type] = np.array(found, np.int32)
        return self._parents[parents.twin_type]

    def number_families(self) -> Ints32:
        """A number for each twin that it shares with those of the same parent; one of its own where it has none."""
        numbers: dict[str, int] = {}
        families = [numbers.setdefault(record.part_of or record.id, len(numbers)) for record in self.records]
        return np.array(families, np.int32)

    def where(self, attribute: str, wanted: AttributeValue) -> Bools:
        """Which rows have `wanted` as the attribute's value."""
        return np.array([record.attributes.get(attribute) == wanted for record in self.records], np.bool_)


def _number(attributes: Mapping[str, AttributeValue], key: str) -> float:
    value = attributes.get(key)
    return float(value) if isinstance(value, int | float) else float("nan")
