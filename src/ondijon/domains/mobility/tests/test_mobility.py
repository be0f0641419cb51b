"""The mobility trade as far as it goes: it loads, and says what its counts are for."""

from ondijon.domains.mobility.manifest import MANIFEST
from ondijon.kernel.privacy import DataClass
from ondijon.runtime.loader import check_manifest, load_trades


def test_the_manifest_is_whole_and_knows_nobody() -> None:
    check_manifest(MANIFEST, load_trades()[1]["fr"])
    classes = {spec.privacy.data_class for spec in MANIFEST.twin_types[0].properties}
    assert classes == {DataClass.OPERATIONAL}
