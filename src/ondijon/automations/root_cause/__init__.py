"""Groups alarms to their root cause: first by what their twins hang on, then by time and place."""

from ondijon.automations.root_cause.grouping import CityGrouper
from ondijon.kernel.automation import Card
from ondijon.kernel.city import City
from ondijon.kernel.grouping import AlarmKinds, Grouper

CARD = Card(
    key="root_cause",
    reads=("alarms", "inventory"),
    acts_on=("alarm_cards",),
    personal_data=(),
    owner="lighting",
    since="2026-11-22",
    version=1,
)


def make_grouper(city: City, kinds: AlarmKinds) -> Grouper:
    """The grouping over this city; built anew when its inventory changes."""
    return CityGrouper(city, kinds)
