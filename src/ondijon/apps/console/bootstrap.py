"""What a console needs to know before it can draw: the city and what the person's trades bring."""

from ondijon.apps.console.map_documents import Box
from ondijon.apps.console.shapes import (
    AlarmTypeShape,
    AttributeShape,
    CityShape,
    CommandTypeShape,
    CommuneShape,
    FieldShape,
    PropertyShape,
    TradeShape,
    TwinTypeShape,
)
from ondijon.kernel.city import City
from ondijon.kernel.manifest import HEALTH, CommandSpec, Manifest, TwinTypeSpec
from ondijon.web.rights import Scope


def describe_city(city: City, box: Box) -> CityShape:
    card = city.card
    return CityShape(card.key, card.name, card.synthetic, card.attribution, card.timezone, card.center, box)


def describe_communes(city: City) -> tuple[CommuneShape, ...]:
    """All of them, for everybody: their order is what positions count by."""
    return tuple(CommuneShape(one.insee, one.name, one.center) for one in city.communes)


def describe_trades(city: City, scope: Scope) -> tuple[TradeShape, ...]:
    """The trades a scope sees, in the city's order, which is also the order of types in frames."""
    return tuple(_describe_trade(manifest) for manifest in city.manifests if manifest.trade in scope.trades)


def _describe_trade(manifest: Manifest) -> TradeShape:
    return TradeShape(
        manifest.trade,
        tuple(_describe_type(spec) for spec in manifest.twin_types),
        tuple(_describe_command(manifest.trade, spec) for spec in manifest.commands),
        tuple(
            AlarmTypeShape(spec.key, spec.twin_type, int(spec.priority), spec.response_s) for spec in manifest.alarms
        ),
    )


def _describe_type(spec: TwinTypeSpec) -> TwinTypeShape:
    properties = tuple(
        PropertyShape(one.key, one.kind, one.unit or None, one.choices, one.live, one.chart, one.stale_after_s or None)
        for one in spec.properties
        if one.shown
    )
    return TwinTypeShape(
        key=spec.key,
        symbol=spec.symbol,
        map=spec.map,
        min_zoom=spec.min_zoom,
        properties=properties,
        attributes=tuple(AttributeShape(one.key, one.kind, one.unit or None, one.choices) for one in spec.attributes),
        table_columns=spec.table_columns,
        fault_property=HEALTH if any(one.key == HEALTH for one in properties) else None,
        level_property=spec.level_property,
    )


def _describe_command(trade: str, spec: CommandSpec) -> CommandTypeShape:
    fields = tuple(
        FieldShape(
            one.key, one.kind, one.unit or None, one.min, one.max, one.step, one.default, one.choices, one.optional
        )
        for one in spec.fields
    )
    label = f"{trade}.command.{spec.key.partition('.')[2]}"
    return CommandTypeShape(spec.key, spec.twin_types, label, fields, int(spec.risk_class), spec.shortcut)
