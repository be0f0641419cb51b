"""A city in memory: its communes, what every trade brings, all twins and their live columns."""

from collections.abc import Sequence

from msgspec import Struct

from ondijon.kernel.errors import NotFound
from ondijon.kernel.inventory import Position
from ondijon.kernel.manifest import CommandSpec, Manifest, PropertySpec, TwinTypeSpec
from ondijon.kernel.readings import Columns
from ondijon.kernel.twins import TwinsOfType


class CityCard(Struct, frozen=True):
    """Who the city is, as shown to people; `attribution` by language."""

    key: str
    name: str
    timezone: str
    center: Position
    synthetic: bool
    attribution: dict[str, str]


class CommuneCard(Struct, frozen=True):
    """A commune without its boundary."""

    insee: str
    name: str
    center: Position


class StreetCard(Struct, frozen=True):
    """One arc of a street, without its line."""

    street_id: str
    name: str
    commune: str


class City:
    """Everything a role needs to know about its city; rows of `twins[t]` and `columns[t]` are the same."""

    def __init__(
        self,
        card: CityCard,
        communes: Sequence[CommuneCard],
        manifests: Sequence[Manifest],
        twins: dict[str, TwinsOfType],
        property_nos: dict[tuple[str, str], int],
        streets: Sequence[StreetCard] = (),
    ) -> None:
        self.card = card
        self.communes = tuple(communes)
        self.commune_codes = tuple(commune.insee for commune in communes)
        self.manifests = tuple(manifests)
        self.types: dict[str, TwinTypeSpec] = {spec.key: spec for manifest in manifests for spec in manifest.twin_types}
        self.trade_of = {spec.key: manifest.trade for manifest in manifests for spec in manifest.twin_types}
        self.commands: dict[str, CommandSpec] = {spec.key: spec for manifest in manifests for spec in manifest.commands}
        self.twins = twins
        self.property_nos = property_nos
        self.streets = {street.street_id: street for street in streets}
        self.columns = {
            key: Columns(key, [spec.key for spec in self.types[key].properties], len(twins[key])) for key in twins
        }

    def get_twin(self, urn: str) -> tuple[TwinsOfType, int]:
        """The twins of the URN's type, and its row; raises NotFound."""
        for twins in self.twins.values():
            row = twins.row_of.get(urn)
            if row is not None:
                return twins, row
        raise NotFound("error.twin_not_found", id=urn)

    def get_property(self, twin_type: str, key: str) -> PropertySpec:
        """One property's declaration; raises NotFound."""
        for spec in self.types[twin_type].properties:
            if spec.key == key:
                return spec
        raise NotFound("error.property_not_found", type=twin_type, property=key)
