"""What programmes are reckoned with: the lights, what is in force, floors and policies, and which nights."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
from msgspec import Struct, structs

from ondijon.domains.lighting.desk.programmes.holidays import holidays_around
from ondijon.domains.lighting.queries import light_floors, programmes
from ondijon.domains.lighting.queries.policies import list_authorised
from ondijon.domains.lighting.rules.policies import Policy
from ondijon.domains.lighting.rules.programmes.allowances import allowance_of
from ondijon.domains.lighting.rules.programmes.calendar import Nights, make_nights
from ondijon.domains.lighting.rules.programmes.city_lights import cabinets_of, make_lights
from ondijon.domains.lighting.rules.programmes.compile import NIGHTS, Cabinet
from ondijon.domains.lighting.rules.programmes.lights import Lights
from ondijon.domains.lighting.rules.programmes.model import Content
from ondijon.domains.lighting.rules.programmes.resolve import Allowance
from ondijon.domains.lighting.rules.programmes.sun import Place
from ondijon.domains.lighting.rules.programmes.trial import Ground
from ondijon.kernel.city import City
from ondijon.kernel.ports import Row, Rows, Transaction


class InForce(Struct, frozen=True, eq=False):
    """A published version."""

    row: Row
    content: Content


class Situation(Struct, frozen=True, eq=False):
    """A city's lights and everything that says what they shall do."""

    lights: Lights
    cabinets: list[Cabinet]
    in_force: tuple[InForce, ...]
    policies: tuple[Policy, ...]
    place: Place

    @property
    def contents(self) -> tuple[Content, ...]:
        return tuple(one.content for one in self.in_force)

    def without(self, key: str) -> "Situation":
        """As it would be without a programme."""
        return structs.replace(self, in_force=tuple(one for one in self.in_force if one.content.key != key))

    def with_version(self, row: Row, content: Content) -> "Situation":
        """As it would be with this version in force, in the place of its former one."""
        others = self.without(content.key)
        return structs.replace(others, in_force=(*others.in_force, InForce(row, content)))

    def nights(self, first: date, count: int = NIGHTS) -> Nights:
        return make_nights(first, count, holidays_around(first, first + timedelta(days=count)))

    def ground(self, first: date, count: int = NIGHTS) -> Ground:
        """What a content is tried out on, over `count` nights."""
        nights = self.nights(first, count)
        return Ground(self.lights, self.contents, nights, self.allowances(nights), self.place)

    def allowances(self, nights: Nights) -> Sequence[Allowance]:
        """What authorised policies allow on these nights."""
        return [allowance_of(policy, self.lights, nights) for policy in self.policies]


async def load_situation(city: City, rows: Rows | Transaction) -> Situation:
    """As it is now."""
    known = {
        row["twin_no"]: (row["class"], row["on_crossing"], row["floor_pct"])
        for row in await light_floors.list_light_classes(rows)
    }
    lights = make_lights(city, known)
    in_force = tuple(InForce(row, read_content(row)) for row in await programmes.list_published(rows))
    place = Place(*city.card.center, city.card.timezone)
    policies = tuple(await list_authorised(rows))
    return Situation(lights, cabinets_of(city, lights), in_force, policies, place)


def read_content(row: Row) -> Content:
    """A version's content from its row."""
    return msgspec.convert(row["content"], Content)
