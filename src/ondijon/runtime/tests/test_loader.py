"""What is not declared whole does not load."""

import msgspec
import pytest

from ondijon.kernel.errors import Refused
from ondijon.kernel.manifest import Manifest
from ondijon.kernel.privacy import DataClass, Privacy
from ondijon.runtime.loader import check_manifest, load_trades


def the_trade(key: str) -> Manifest:
    return next(manifest for manifest in load_trades()[0] if manifest.trade == key)


def test_every_trade_of_the_house_loads_with_words_in_both_languages() -> None:
    manifests, catalogues = load_trades()
    assert {"lighting", "platform"} <= {manifest.trade for manifest in manifests}
    assert catalogues["fr"].keys() == catalogues["en"].keys()


@pytest.mark.parametrize(
    "privacy",
    [Privacy(DataClass.PUBLIC, "no.such.purpose", 30), Privacy(DataClass.PUBLIC, "lighting.purpose.energy", 0)],
)
def test_a_property_without_purpose_or_retention_does_not_load(privacy: Privacy) -> None:
    lighting, words = the_trade("lighting"), load_trades()[1]["fr"]
    light = lighting.twin_types[0]
    bare = msgspec.structs.replace(light.properties[0], privacy=privacy)
    broken = msgspec.structs.replace(
        lighting, twin_types=(msgspec.structs.replace(light, properties=(bare,)), *lighting.twin_types[1:])
    )
    with pytest.raises(Refused, match="bad_manifest"):
        check_manifest(broken, words)


@pytest.mark.parametrize("part", ["cause", "consequence", "response", "deadband"])
def test_an_alarm_whose_rationalisation_lacks_a_word_does_not_load(part: str) -> None:
    lighting, words = the_trade("lighting"), dict(load_trades()[1]["fr"])
    del words[f"lighting.alarm.lamp_out.{part}"]
    with pytest.raises(Refused, match=rf"lamp_out\.{part}"):
        check_manifest(lighting, words)


def test_an_alarm_that_nobody_must_respond_to_does_not_load() -> None:
    lighting, words = the_trade("lighting"), load_trades()[1]["fr"]
    idle = msgspec.structs.replace(lighting.alarms[0], response_s=0)
    with pytest.raises(Refused, match="no time to respond"):
        check_manifest(msgspec.structs.replace(lighting, alarms=(idle,)), words)
