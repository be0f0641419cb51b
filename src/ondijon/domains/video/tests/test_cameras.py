"""Cameras are told as assets: no picture, no state, nothing of anybody."""

from ondijon.domains.video.manifest import MANIFEST
from ondijon.kernel.privacy import DataClass


def test_no_state_is_invented_and_nothing_can_be_commanded() -> None:
    (camera,) = MANIFEST.twin_types
    assert camera.properties == () and MANIFEST.commands == () and MANIFEST.alarms == ()


def test_all_that_is_told_of_a_camera_is_public() -> None:
    (camera,) = MANIFEST.twin_types
    assert {attribute.privacy.data_class for attribute in camera.attributes} == {DataClass.PUBLIC}
    assert set(camera.table_columns) <= {attribute.key for attribute in camera.attributes}
