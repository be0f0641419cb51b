"""One twin as its panel shows it: state with age and quality, what is held, what alarms, what belongs to it."""

from collections import Counter
from datetime import datetime

from ondijon.apps.console.command_view import CommandView, speak_value
from ondijon.apps.console.parts.alarms.view import AlarmView
from ondijon.apps.console.shapes import RollUpsOverTime, StateValue, TwinDetail, ValuesOverTime
from ondijon.apps.console.tables import street_name
from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock, from_us
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.history import GrainKey, History
from ondijon.kernel.manifest import PropertySpec
from ondijon.kernel.readings import NEVER
from ondijon.kernel.twins import TwinsOfType
from ondijon.web.rights import Rights, Scope

MOST_POINTS = 10_000


class TwinView:
    """Reads single twins within a scope."""

    def __init__(
        self, city: City, history: History, clock: Clock, rights: Rights, alarms: AlarmView, commands: CommandView
    ) -> None:
        self._city = city
        self._history = history
        self._clock = clock
        self._rights = rights
        self._alarms = alarms
        self._commands = commands
        self._parts: dict[str, list[tuple[str, int]]] = {}
        for twin_type, twins in city.twins.items():
            for row, record in enumerate(twins.records):
                if record.part_of is not None:
                    self._parts.setdefault(record.part_of, []).append((twin_type, row))

    async def get(self, scope: Scope, urn: str) -> TwinDetail:
        """Raises NotFound also when the twin exists and may not be seen."""
        twins, row = self._rights.get_visible(scope, urn)
        record = twins.records[row]
        twin_no = int(twins.twin_no[row])
        return TwinDetail(
            id=record.id,
            type=record.type,
            name=record.name,
            commune=record.commune,
            street=street_name(self._city, record.street_id),
            lon=record.position[0],
            lat=record.position[1],
            part_of=self._visible_parent(scope, record.part_of),
            gateway=record.gateway,
            attributes=record.attributes,
            state=self._state(twins, row),
            holds=await self._commands.list_holds_of_twin(scope, twin_no),
            alarms=await self._alarms.list_of_twin(scope, twin_no),
            parts=self._count_parts(scope, urn),
        )

    async def get_history(
        self, scope: Scope, urn: str, key: str, since: datetime, until: datetime, most: int
    ) -> ValuesOverTime:
        """At most about `most` points; where there are more, the lowest and highest of each span."""
        twins, row = self._rights.get_visible(scope, urn)
        self._city.get_property(twins.twin_type, key)
        aware = since.tzinfo is not None and until.tzinfo is not None
        if not aware or since >= until or not 2 <= most <= MOST_POINTS:
            raise Refused("error.bad_span", most=MOST_POINTS)
        number = self._city.property_nos.get((twins.twin_type, key))
        if number is None:
            return ValuesOverTime(key, [], [], False)
        series = await self._history.get_series(int(twins.twin_no[row]), number, since, until, most)
        values = [None if value != value else value for value in series.value.tolist()]
        return ValuesOverTime(key, (series.at_us / 1e6).tolist(), values, series.sampled)

    async def get_rollups(
        self, scope: Scope, urn: str, of: str | None, key: str, by: GrainKey, since: datetime, until: datetime
    ) -> RollUpsOverTime:
        """Of the twin itself, or of its parts of type `of` together when every one of them may be seen."""
        twins, row = self._rights.get_visible(scope, urn)
        measured = twins.twin_type if of is None else of
        self._city.get_property(measured, key)
        self._demand_rollup(scope, urn, twins.records[row].part_of, of, by)
        if since.tzinfo is None or until.tzinfo is None or since >= until:
            raise Refused("error.bad_span", most=MOST_POINTS)
        number = self._city.property_nos.get((measured, key), -1)
        totals = await self._history.list_totals(by, int(twins.twin_no[row]), number, since, until)
        return RollUpsOverTime(
            property=key,
            by=by,
            t=[one.begins_at.timestamp() for one in totals],
            n=[one.n for one in totals],
            mean=[one.total / one.n for one in totals],
            lowest=[one.lowest for one in totals],
            highest=[one.highest for one in totals],
        )

    def _demand_rollup(self, scope: Scope, urn: str, part_of: str | None, of: str | None, by: GrainKey) -> None:
        """Hours are of what has parts or is part of nothing, days of single twins; no sum tells of hidden parts."""
        if (by == "day" and of is not None) or (by == "hour" and of is None and part_of is not None):
            raise Refused("error.no_such_rollup")
        if of is not None:
            mask = self._rights.mask(scope, of)
            if not all(mask[row] for twin_type, row in self._parts.get(urn, ()) if twin_type == of):
                raise NotFound("error.twin_not_found", id=urn)

    def get_number(self, scope: Scope, urn: str) -> int:
        """The twin's number in the rows; raises NotFound also when it may not be seen."""
        twins, row = self._rights.get_visible(scope, urn)
        return int(twins.twin_no[row])

    def _state(self, twins: TwinsOfType, row: int) -> dict[str, StateValue]:
        now_us = self._clock.now_us()
        specs = self._city.types[twins.twin_type].properties
        return {spec.key: self._value(twins.twin_type, spec, row, now_us) for spec in specs}

    def _value(self, twin_type: str, spec: PropertySpec, row: int, now_us: int) -> StateValue:
        columns = self._city.columns[twin_type]
        place = columns.property_index[spec.key]
        observed_us = int(columns.observed_us[place, row])
        received_us = int(columns.received_us[place, row])
        age_s = (now_us - observed_us) / 1e6
        return StateValue(
            value=speak_value(spec, float(columns.value[place, row])),
            observed_at=None if observed_us == NEVER else from_us(observed_us),
            received_at=None if received_us == NEVER else from_us(received_us),
            quality=int(columns.quality[place, row]),
            stale=observed_us != NEVER and 0 < spec.stale_after_s < age_s,
        )

    def _visible_parent(self, scope: Scope, parent: str | None) -> str | None:
        if parent is None:
            return None
        try:
            self._rights.get_visible(scope, parent)
        except NotFound:
            return None
        return parent

    def _count_parts(self, scope: Scope, urn: str) -> dict[str, int]:
        counted: Counter[str] = Counter()
        for twin_type, row in self._parts.get(urn, ()):
            if self._rights.mask(scope, twin_type)[row]:
                counted[twin_type] += 1
        return dict(counted)
