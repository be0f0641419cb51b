"""The whole of a throwaway trade: park benches that tell how many people sit on them."""

import json
from pathlib import Path

TRADE = "bench_seats"

_FILES = {
    "__init__.py": '"""Park benches, for one test."""\n',
    "model.py": '''"""A bench with seats."""

from ondijon.kernel.manifest import HEALTH, AttributeSpec, PropertySpec, TwinTypeSpec
from ondijon.kernel.privacy import DataClass, Privacy

STATE = Privacy(DataClass.OPERATIONAL, "bench_seats.purpose.upkeep", 30)

BENCH = TwinTypeSpec(
    key="ParkBench",
    model_name="ParkBench",
    symbol="bench",
    map="symbol",
    properties=(
        PropertySpec("seats_taken", "number", "", "seatsTaken", "seats", STATE, live=True, chart=True),
        PropertySpec("load_kg", "number", "kg", "load", "load", STATE, wire_scale=0.001, chart=True),
        PropertySpec(HEALTH, "number", "", "status", None, STATE, live=True),
    ),
    attributes=(AttributeSpec("wood", "text", "", "material", STATE),),
    table_columns=("seats_taken", "load_kg"),
)
''',
    "alarms.py": '''"""When a bench needs somebody."""

from typing import Any

from ondijon.domains.bench_seats.model import BENCH
from ondijon.kernel.alarms import AlarmSpec, AlarmView, Priority
from ondijon.kernel.arrays import Bools, Ints32


def is_overloaded(view: AlarmView, rows: Ints32) -> Bools:
    """More than the bench carries."""
    overloaded: Bools = view.columns["load_kg"][rows] > 400.0
    return overloaded


def show_load(view: AlarmView, row: int) -> dict[str, Any]:
    """What it carried."""
    return {"load_kg": round(float(view.columns["load_kg"][row]), 1)}


ALARMS = (AlarmSpec("bench_seats.overloaded", BENCH.key, Priority.MEDIUM, 3_600, is_overloaded, show_load),)
''',
    "manifest.py": '''"""Everything the benches bring."""

from ondijon.domains.bench_seats.alarms import ALARMS
from ondijon.domains.bench_seats.model import BENCH
from ondijon.kernel.manifest import Manifest

MANIFEST = Manifest(trade="bench_seats", twin_types=(BENCH,), alarms=ALARMS)
''',
}
_WORDS = {
    "trade": ("Bancs publics", "Park benches"),
    "purpose.upkeep": ("Entretien des bancs", "Upkeep of benches"),
    "type.ParkBench": ("Banc", "Bench"),
    "property.ParkBench.seats_taken": ("Places prises", "Seats taken"),
    "property.ParkBench.load_kg": ("Charge", "Load"),
    "property.ParkBench.health": ("Santé", "Health"),
    "attribute.ParkBench.wood": ("Bois", "Wood"),
    "alarm.overloaded": ("Banc surchargé", "Bench overloaded"),
    "alarm.overloaded.cause": ("Trop de monde.", "Too many people."),
    "alarm.overloaded.consequence": ("Le banc peut rompre.", "The bench may break."),
    "alarm.overloaded.response": ("Envoyer un menuisier.", "Send a joiner."),
}


def write_trade(root: Path) -> None:
    """Lay the trade's one folder where `root` on the path brings it to the house."""
    folder = root / "ondijon" / "domains" / TRADE
    folder.mkdir(parents=True)
    for name, text in _FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    for place, language in enumerate(("fr", "en")):
        words = {f"{TRADE}.{key}": both[place] for key, both in _WORDS.items()}
        (folder / f"strings.{language}.json").write_text(json.dumps(words), encoding="utf-8")
