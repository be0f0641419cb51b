"""Lights, cabinets and groups, in the words of TALQ and of the Smart Data Models for street lighting."""

from ondijon.kernel.manifest import HEALTH, AttributeSpec, HoldGroup, LevelSpec, PropertySpec, TwinTypeSpec
from ondijon.kernel.privacy import DataClass, Privacy

TRADE = "lighting"
CONTROL = ("programme", "manual")
LUMINAIRES = ("lantern", "ambience", "floodlight", "recessed", "bollard", "unknown")
PHASES = ("L1", "L2", "L3")
LOST_PARTS = ("nothing", "L1", "L2", "L3", "circuit", "circuit_1", "circuit_2", "circuit_3", "circuit_4", "cable")
MANUAL = 1.0
PROGRAMME = 0.0

STATE = Privacy(DataClass.OPERATIONAL, "lighting.purpose.operation", 366)
METER = Privacy(DataClass.OPERATIONAL, "lighting.purpose.energy", 3653)
ASSET = Privacy(DataClass.PUBLIC, "lighting.purpose.inventory", 18263)

_HEALTH = PropertySpec(HEALTH, "number", "", "status", None, STATE, live=True)

LEVEL_HOLD = HoldGroup(
    key="level",
    properties=("control", "level_pct"),
    release={"control": PROGRAMME},
    tolerance={"control": 0.0, "level_pct": 1.0},
)

STREETLIGHT = TwinTypeSpec(
    key="Streetlight",
    model_name="Streetlight",
    symbol="light",
    map="point",
    level_property="level_pct",
    properties=(
        PropertySpec(
            "level_pct",
            "number",
            "%",
            "illuminanceLevel",
            "level",
            STATE,
            wire_scale=100.0,
            live=True,
            chart=True,
            stale_after_s=300,
        ),
        PropertySpec("power_w", "number", "W", "activePower", "power", METER, chart=True, stale_after_s=300),
        PropertySpec("energy_kwh", "number", "kWh", "activeEnergy", "energy", METER, wire_scale=1 / 3.6e6, chart=True),
        PropertySpec("burning_h", "number", "h", "operatingHours", "burning", METER, wire_scale=1 / 3600, chart=True),
        PropertySpec("temperature_c", "number", "°C", "temperature", "temperature", STATE, chart=True),
        PropertySpec("power_ratio", "number", "", "powerRatio", None, STATE),
        PropertySpec("usual_ratio", "number", "", "usualPowerRatio", None, STATE),
        PropertySpec("learned_h", "number", "h", "learnedHours", None, STATE, shown=False),
        PropertySpec("cycling", "number", "", "cyclingScore", None, STATE, shown=False),
        PropertySpec("stuck_level_pct", "number", "%", "stuckLevel", None, STATE, shown=False),
        PropertySpec("control", "choice", "", "controlMode", "control", STATE, choices=CONTROL, live=True),
        _HEALTH,
    ),
    attributes=(
        AttributeSpec("rated_power_w", "number", "W", "powerRating", ASSET),
        AttributeSpec("lamp_type", "choice", "", "lampTechnology", ASSET, choices=("led", "sodium", "other")),
        AttributeSpec("installed_year", "number", "", "dateLastLampChange", ASSET),
        AttributeSpec("lighting_class", "text", "", "lightingClass", ASSET),
        AttributeSpec("feeder", "choice", "", "feeder", ASSET, choices=("permanent", "switched")),
        AttributeSpec("mounting_height_m", "number", "m", "lanternHeight", ASSET),
        AttributeSpec("luminaire", "choice", "", "lanternModel", ASSET, choices=LUMINAIRES),
        AttributeSpec("luminaire_model", "text", "", "luminaireModel", ASSET),
        AttributeSpec("rated_power_inferred", "boolean", "", "powerRatingInferred", ASSET),
        AttributeSpec("feeder_inferred", "boolean", "", "feederInferred", ASSET),
        AttributeSpec("circuit", "number", "", "circuit", ASSET),
        AttributeSpec("phase", "choice", "", "phase", ASSET, choices=PHASES),
        AttributeSpec("circuit_inferred", "boolean", "", "circuitInferred", ASSET),
    ),
    levels=(
        LevelSpec("circuit", "supply", "part", "circuit"),
        LevelSpec("phase", "supply", "part", "phase"),
        LevelSpec("cabinet", "supply", "parent"),
        LevelSpec("gateway", "link", "gateway"),
    ),
    hold_groups=(LEVEL_HOLD,),
    table_columns=("level_pct", "control", "rated_power_w", "lamp_type", "lighting_class", "installed_year"),
)

CABINET = TwinTypeSpec(
    key="StreetlightControlCabinet",
    model_name="StreetlightControlCabinet",
    symbol="cabinet",
    map="symbol",
    min_zoom=14.0,
    properties=(
        PropertySpec("online", "boolean", "", "deviceState", "online", STATE, live=True),
        PropertySpec("supply", "boolean", "", "supplyPresent", "supply", STATE, live=True, stale_after_s=300),
        PropertySpec("feeder_permanent", "boolean", "", "permanentFeederEnergised", "feeder_permanent", STATE),
        PropertySpec("feeder_switched", "boolean", "", "switchedFeederEnergised", "feeder_switched", STATE),
        PropertySpec("power_w", "number", "W", "totalActivePower", "power", METER, chart=True, stale_after_s=300),
        PropertySpec(
            "energy_kwh",
            "number",
            "kWh",
            "energyConsumed",
            "energy",
            METER,
            wire_scale=1 / 3.6e6,
            chart=True,
        ),
        PropertySpec("level_pct", "number", "%", "askedLevel", "asked", STATE, wire_scale=100.0),
        PropertySpec("power_l1_w", "number", "W", "activePowerL1", "power_l1", METER),
        PropertySpec("power_l2_w", "number", "W", "activePowerL2", "power_l2", METER),
        PropertySpec("power_l3_w", "number", "W", "activePowerL3", "power_l3", METER),
        PropertySpec("lost_share_pct", "number", "%", "lostLoad", None, STATE),
        PropertySpec("missing_lights", "number", "", "missingLights", None, STATE),
        PropertySpec("lost_part", "choice", "", "lostPart", None, STATE, choices=LOST_PARTS),
        PropertySpec("cut_lights", "number", "", "cutLights", None, STATE),
        PropertySpec("extra_w", "number", "W", "unexplainedPower", None, STATE),
        PropertySpec("usual_l1", "number", "", "usualPowerRatioL1", None, STATE, shown=False),
        PropertySpec("usual_l2", "number", "", "usualPowerRatioL2", None, STATE, shown=False),
        PropertySpec("usual_l3", "number", "", "usualPowerRatioL3", None, STATE, shown=False),
        PropertySpec("metered_h", "number", "h", "meteredHours", None, STATE, shown=False),
        PropertySpec("idle_l1_w", "number", "W", "idlePowerL1", None, STATE, shown=False),
        PropertySpec("idle_l2_w", "number", "W", "idlePowerL2", None, STATE, shown=False),
        PropertySpec("idle_l3_w", "number", "W", "idlePowerL3", None, STATE, shown=False),
        PropertySpec("idle_w", "number", "W", "idlePower", None, STATE),
        PropertySpec("programme_version", "number", "", "controlProgramme", "programme_version", STATE),
        _HEALTH,
    ),
    attributes=(
        AttributeSpec("feeders", "text", "", "feeders", ASSET),
        AttributeSpec("contract_power_kw", "number", "kW", "maximumPowerAvailable", ASSET),
        AttributeSpec("grid_feeder", "text", "", "gridFeeder", ASSET),
        AttributeSpec("uplink", "text", "", "uplink", ASSET),
        AttributeSpec("grid_feeder_inferred", "boolean", "", "gridFeederInferred", ASSET),
    ),
    levels=(
        LevelSpec("cabinet", "supply", "itself"),
        LevelSpec("feeder", "supply", "trunk", "grid_feeder"),
        LevelSpec("gateway", "link", "itself"),
        LevelSpec("link", "link", "trunk", "uplink"),
    ),
    table_columns=("online", "supply", "power_w", "programme_version"),
)

GROUP = TwinTypeSpec(
    key="StreetlightGroup",
    model_name="StreetlightGroup",
    symbol="group",
    map="none",
    properties=(),
)
