"""Signalled junctions as assets; nothing is said of what their signals show, because nothing is measured yet."""

from ondijon.kernel.manifest import AttributeSpec, TwinTypeSpec
from ondijon.kernel.privacy import DataClass, Privacy

TRADE = "traffic_signals"
SOUND = ("none", "partial", "full")
ASSET = Privacy(DataClass.PUBLIC, "traffic_signals.purpose.inventory", 18263)

# The Smart Data Models have no signalled junction; RSMP speaks to its controller, which the trade will add below it.
JUNCTION = TwinTypeSpec(
    key="TrafficSignalJunction",
    model_name="TrafficSignalJunction",
    symbol="junction",
    map="symbol",
    min_zoom=13.5,
    properties=(),
    attributes=(
        AttributeSpec("installed_year", "number", "", "dateInstalled", ASSET),
        AttributeSpec("sound_signals", "choice", "", "soundSignals", ASSET, choices=SOUND),
        AttributeSpec("sound_year", "number", "", "soundSignalsInstalled", ASSET),
        AttributeSpec("bus_priority", "boolean", "", "publicTransportPriority", ASSET),
        AttributeSpec("synthetic", "boolean", "", "synthetic", ASSET),
    ),
    table_columns=("installed_year", "sound_signals", "bus_priority"),
)
