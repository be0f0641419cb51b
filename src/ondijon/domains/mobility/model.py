"""Traffic counters, in the words of the Smart Data Models' TrafficFlowObserved; counts only, no personal data."""

from ondijon.kernel.manifest import HEALTH, AttributeSpec, PropertySpec, TwinTypeSpec
from ondijon.kernel.privacy import DataClass, Privacy

TRADE = "mobility"
COUNT = Privacy(DataClass.OPERATIONAL, "mobility.purpose.counting", 366)
ASSET = Privacy(DataClass.PUBLIC, "mobility.purpose.inventory", 18263)
SILENT_AFTER_S = 150

# Flows are those of the last quarter of an hour; the temperature tells a counter that lives from a frozen one.
COUNTER = TwinTypeSpec(
    key="TrafficFlowObserved",
    model_name="TrafficFlowObserved",
    symbol="counter",
    map="none",
    properties=(
        PropertySpec("online", "boolean", "", "deviceState", "online", COUNT),
        PropertySpec(
            "vehicles_per_h", "number", "1/h", "intensity", "vehicles", COUNT, chart=True, stale_after_s=SILENT_AFTER_S
        ),
        PropertySpec(
            "pedestrians_per_h",
            "number",
            "1/h",
            "pedestrianIntensity",
            "pedestrians",
            COUNT,
            chart=True,
            stale_after_s=SILENT_AFTER_S,
        ),
        PropertySpec("temperature_c", "number", "°C", "temperature", "temperature", COUNT),
        PropertySpec(HEALTH, "number", "", "status", None, COUNT),
    ),
    attributes=(
        AttributeSpec("street", "text", "", "streetName", ASSET),
        AttributeSpec("street_class", "text", "", "streetClass", ASSET),
        AttributeSpec("vehicles_per_day", "number", "1/d", "averageDailyIntensity", ASSET),
        AttributeSpec("synthetic", "boolean", "", "synthetic", ASSET),
    ),
    table_columns=("vehicles_per_h", "pedestrians_per_h", "online"),
)
