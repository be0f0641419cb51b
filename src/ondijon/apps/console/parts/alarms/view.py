"""Alarms and cards as one person sees them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from ondijon.apps.console.parts.alarms import figure_queries, queries
from ondijon.apps.console.parts.alarms.shapes import (
    Card,
    CardIncident,
    Cards,
    CardShelving,
    Counts,
    Explanation,
    FirstOut,
    Members,
    Rationalisation,
    ShelvingShape,
    SilenceShape,
)
from ondijon.apps.console.shapes import Alarm
from ondijon.kernel.alarms import AlarmSpec
from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import NotFound
from ondijon.kernel.ports import Row, Rows
from ondijon.web.rights import Rights, Scope

MOST_CARDS = 2_000
FLOOD_ABOVE = 10
FLOOD_WINDOW = timedelta(minutes=10)


class AlarmView:
    """Reads alarms and cards within a scope."""

    def __init__(self, city: City, rows: Rows, clock: Clock, rights: Rights) -> None:
        self._city = city
        self._rows = rows
        self._clock = clock
        self._rights = rights
        self._specs = {spec.key: spec for manifest in city.manifests for spec in manifest.alarms}

    async def list_cards(self, scope: Scope, which: queries.Which) -> Cards:
        """One list of cards with the counts of all lists."""
        rows, now, seen = self._rows, self._clock.now(), self._rights.trade_pairs(scope)
        found = await queries.list_cards(rows, seen, which, now, MOST_CARDS)
        standing = await queries.count_cards(rows, seen, now)
        shown = {str(priority): 0 for priority in (1, 2, 3, 4)}
        for row in standing:
            if row["disposition"] == "shown":
                shown[str(row["priority"])] += row["n"]
        counts = Counts(
            shown=shown,
            shelved=sum(row["n"] for row in standing if row["disposition"] == "shelved"),
            out_of_service=await queries.count_silences(rows, seen, now),
            stale=sum(row["stale"] for row in standing if row["disposition"] == "shown"),
        )
        annunciated = await figure_queries.count_annunciations(rows, seen, now - FLOOD_WINDOW)
        operators = await figure_queries.count_operators(rows, now - FLOOD_WINDOW)
        return Cards(
            cards=[self._to_card(scope, row) for row in found],
            total=found[0]["total"] if found else 0,
            counts=counts,
            flood=annunciated > FLOOD_ABOVE * operators,
            raw=await queries.count_raw(rows, seen),
        )

    async def get_card(self, scope: Scope, card_id: UUID) -> Card:
        """Raises NotFound also when the card exists and may not be seen."""
        found = await self.list_by_id(scope, [card_id])
        if not found:
            raise NotFound("error.alarm_not_found")
        return found[0]

    async def list_members(self, scope: Scope, card_id: UUID, after: UUID | None, most: int) -> Members:
        """The alarms of a card that the scope sees, the oldest first; raises NotFound."""
        await self.get_card(scope, card_id)
        seen = self._rights.trade_pairs(scope)
        found = await queries.list_members(self._rows, seen, card_id, after, most)
        return Members([to_alarm(row) for row in found], await queries.count_members(self._rows, seen, card_id))

    async def list_shelvings(self, scope: Scope) -> list[ShelvingShape]:
        found = await queries.list_shelvings(self._rows, self._rights.trade_pairs(scope))
        return [
            ShelvingShape(
                id=row["id"],
                type=row["type"],
                twin=row["urn"],
                twin_name=row["twin_name"],
                commune=row["commune"],
                cause=row["cause"],
                reason=row["reason"],
                owner=row["owner_name"],
                since=row["since"],
                until=row["until"],
                times_raised=row["times_raised"],
            )
            for row in found
        ]

    async def list_silences(self, scope: Scope) -> list[SilenceShape]:
        found = await queries.list_silences(self._rows, self._rights.trade_pairs(scope), self._clock.now())
        return [
            SilenceShape(
                id=row["id"],
                kind=row["kind"],
                type=row["type"],
                trade=row["trade"],
                twins=row["twins"],
                twin_name=row["twin_name"] if row["twins"] == 1 else None,
                communes=row["communes"],
                reason=row["reason"],
                owner=row["owner_name"],
                since=row["since"],
                until=row["until"],
            )
            for row in found
        ]

    async def list_of_twin(self, scope: Scope, twin_no: int) -> list[Alarm]:
        """What stands at one twin, alarm by alarm."""
        seen = self._rights.trade_pairs(scope)
        return [to_alarm(row) for row in await queries.list_open_of_twin(self._rows, seen, twin_no)]

    def list_rationalisation(self, scope: Scope) -> list[Rationalisation]:
        """The record of every kind of alarm in the trades that are seen."""
        return [
            _to_rationalisation(manifest.trade, spec)
            for manifest in self._city.manifests
            if manifest.trade in scope.trades
            for spec in manifest.alarms
        ]

    async def list_by_id(self, scope: Scope, ids: Sequence[UUID]) -> list[Card]:
        """Those of the cards that the scope sees, whatever became of them."""
        seen = self._rights.trade_pairs(scope)
        found = await queries.list_cards_by_id(self._rows, seen, ids, self._clock.now())
        return [self._to_card(scope, row) for row in found]

    def _to_card(self, scope: Scope, row: Row) -> Card:
        seen = self._rights.communes_of(scope, row["trade"])
        concerned = {*row["by_commune"], *row["expected"]}
        whole = concerned <= seen
        root_seen = row["urn"] is not None and row["twin_commune"] in seen
        first_seen = row["first_commune"] in seen
        expected = sum(count for insee, count in row["expected"].items() if insee in seen)
        lon, lat = (row["lon"], row["lat"]) if root_seen or whole else self._center(min(concerned & seen))
        spec = self._specs.get(row["type"])
        return Card(
            id=row["id"],
            kind=row["kind"],
            type=row["type"],
            trade=row["trade"],
            priority=row["priority"],
            disposition=row["disposition"],
            twin=row["urn"] if root_seen else None,
            twin_type=row["twin_type"] if root_seen else None,
            twin_name=_name(row) if root_seen or whole else None,
            element=row["element"] if root_seen or whole else None,
            communes=row["communes"],
            street=row["street"] if root_seen else None,
            lon=lon,
            lat=lat,
            members=row["members"],
            active=row["active"],
            expected=expected,
            unacknowledged=row["unacknowledged"],
            explanation=_explain(row, whole, expected),
            first=_to_first(row) if first_seen else None,
            raised_at=row["raised_at"],
            annunciated_at=row["annunciated_at"],
            cleared_at=row["cleared_at"],
            acknowledged_at=row["acknowledged_at"],
            acknowledged_by=row["acknowledged_name"],
            over_at=row["over_at"],
            merged_into=row["merged_into"],
            shelved=_to_shelving(row),
            incident=self._to_incident(scope, row),
            stale=row["stale"],
            latched=row["latched"] > 0,
            dissolved=row["dissolved"],
            times_raised=row["times_raised"],
            response_s=spec.response_s if spec is not None else 0,
            evidence=row["evidence"] if row["kind"] == "single" and first_seen else None,
            version=row["version"],
        )

    def _to_incident(self, scope: Scope, row: Row) -> CardIncident | None:
        if row["incident_id"] is None:
            return None
        if not self._rights.sees(scope, row["incident_trade"], row["incident_commune"]):
            return None
        return CardIncident(row["incident_id"], row["incident_number"])

    def _center(self, insee: str) -> tuple[float, float]:
        """Where to point when the cause itself stands where the person does not see."""
        found = self._city.communes[self._city.commune_codes.index(insee)].center
        return found[0], found[1]


def to_alarm(row: Row) -> Alarm:
    return Alarm(
        id=row["id"],
        type=row["type"],
        trade=row["trade"],
        twin=row["urn"],
        twin_name=row["twin_name"],
        twin_type=row["twin_type"],
        commune=row["commune"],
        street=row["street"],
        lon=row["lon"],
        lat=row["lat"],
        priority=row["priority"],
        state=row["state"],
        raised_at=row["raised_at"],
        cleared_at=row["cleared_at"],
        acknowledged_at=row["acknowledged_at"],
        acknowledged_by=row["acknowledged_name"],
        evidence=row["evidence"],
        version=row["version"],
        card=row["card_id"],
    )


def _name(row: Row) -> str:
    label = row["explanation"]["values"].get("label")
    return str(label or row["twin_name"] or row["element"])


def _explain(row: Row, whole: bool, expected: int) -> Explanation:
    """Counts are of the communes that are seen; names of elements elsewhere are left out."""
    values: dict[str, Any] = dict(row["explanation"]["values"])
    if not whole:
        values = {key: value for key, value in values.items() if isinstance(value, int | float) or key == "twin_type"}
        values |= {"label": "", "cabinet": "", "street": "", "hit": row["members"], "of": expected}
    counts = {"members": row["members"], "active": row["active"], "expected": expected}
    return Explanation(row["explanation"]["key"], values | counts)


def _to_first(row: Row) -> FirstOut | None:
    if row["first_id"] is None:
        return None
    return FirstOut(row["first_id"], row["first_urn"], row["first_name"], row["first_type"], row["raised_at"])


def _to_shelving(row: Row) -> CardShelving | None:
    if row["shelving"] is None:
        return None
    return CardShelving(
        row["shelving"], row["until"], row["reason"], row["owner_name"], row["cause"], row["shelved_raises"]
    )


def _to_rationalisation(trade: str, spec: AlarmSpec) -> Rationalisation:
    return Rationalisation(
        type=spec.key,
        trade=trade,
        twin_type=spec.twin_type,
        priority=int(spec.priority),
        response_s=spec.response_s,
        on_delay_s=spec.on_delay_s,
        off_delay_s=spec.off_delay_s,
        deadband=f"{trade}.alarm.{spec.key.split('.', 1)[1]}.deadband" if spec.clears is not None else None,
        latched=spec.latched,
        path=spec.path,
        procedure=spec.procedure,
        chatter_raises=spec.chatter_raises,
        chatter_window_s=spec.chatter_window_s,
    )
