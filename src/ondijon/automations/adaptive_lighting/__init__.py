"""Adaptive light: the class that measured traffic asks for, street by street; without news, the programme."""

from ondijon.automations.adaptive_lighting.plan import read_plan
from ondijon.automations.adaptive_lighting.steer import AdaptiveSteerer, decide_again
from ondijon.kernel.automation import Card
from ondijon.kernel.city import City
from ondijon.kernel.steering import Ground, Steerer, Steering

READS, ACTS_ON = "TrafficFlowObserved", "Streetlight"

CARD = Card(
    key="adaptive_lighting",
    reads=(READS, ACTS_ON, "incidents", "lighting_classes"),
    acts_on=("lighting.dim_streetlights",),
    personal_data=(),
    owner="lighting",
    since="2026-11-28",
    version=2,
)


def make_steerer(city: City, ground: Ground) -> Steerer:
    """The steering of this ground by the counters that the city has."""
    return AdaptiveSteerer(read_plan(city, ground, city.twins[ACTS_ON], city.twins[READS]))


STEERING = Steering(
    card=CARD,
    ground="lighting.zones",
    reads=READS,
    command="lighting.dim_streetlights",
    every_s=60.0,
    hold_s=600,
    make_steerer=make_steerer,
    decide_again=decide_again,
)
