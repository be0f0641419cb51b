"""Public cameras as assets: where they stand and since when; no picture, no state, nobody's data."""

from ondijon.kernel.manifest import AttributeSpec, TwinTypeSpec
from ondijon.kernel.privacy import DataClass, Privacy

TRADE = "video"
ASSET = Privacy(DataClass.PUBLIC, "video.purpose.inventory", 18263)

CAMERA = TwinTypeSpec(
    key="Camera",
    model_name="Camera",
    symbol="camera",
    map="symbol",
    min_zoom=13.5,
    properties=(),
    attributes=(
        AttributeSpec("reference", "text", "", "cameraName", ASSET),
        AttributeSpec("installed_year", "number", "", "dateInstalled", ASSET),
        AttributeSpec("synthetic", "boolean", "", "synthetic", ASSET),
    ),
    table_columns=("reference", "installed_year"),
)
