"""Junctions are told as assets and nothing more, until their trade comes."""

from ondijon.domains.traffic_signals.manifest import MANIFEST
from ondijon.kernel.privacy import DataClass


def test_no_state_is_invented() -> None:
    (junction,) = MANIFEST.twin_types
    assert junction.properties == () and MANIFEST.commands == () and MANIFEST.alarms == ()


def test_all_that_is_told_of_a_junction_is_public_and_part_of_the_table_says_it() -> None:
    (junction,) = MANIFEST.twin_types
    assert {attribute.privacy.data_class for attribute in junction.attributes} == {DataClass.PUBLIC}
    assert set(junction.table_columns) <= {attribute.key for attribute in junction.attributes}
