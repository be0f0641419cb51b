"""Commands as the console shows them: of a command that reaches beyond a person's communes, only their part."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec
from msgspec import Struct

from ondijon.apps.console.queries import commands as queries
from ondijon.apps.console.shapes import Act, CommandTarget, Hold, Scalar
from ondijon.kernel.city import City
from ondijon.kernel.commands import Command, CommandState, RiskClass, Selection, TargetState
from ondijon.kernel.errors import NotFound
from ondijon.kernel.manifest import PropertySpec
from ondijon.kernel.ports import Row, Rows
from ondijon.web.rights import Rights, Scope

MOST_COMMANDS = 200
_MOST_ACTS = 50
_MOST_HOLDS = 2_000
_NO_COUNTS = {state.name.lower(): 0 for state in TargetState}

# By command and commune: how many targets stand in which state.
Split = Mapping[UUID, Mapping[str, Mapping[str, int]]]


class Stored(Struct, frozen=True):
    """A command as it is in the rows, and the communes it reaches."""

    command: Command
    communes: frozenset[str]


def to_stored(row: Row) -> Stored:
    command = Command(
        id=row["id"],
        key=row["key"],
        trade=row["trade"],
        state=CommandState(row["state"]),
        reason=row["reason"],
        payload=row["payload"],
        selection=msgspec.convert(row["selection"], Selection),
        risk_class=RiskClass(row["risk_class"]),
        issuer=row["issuer_name"],
        approver=row["approver_name"],
        requested_at=row["requested_at"],
        approved_at=row["approved_at"],
        expires_at=row["expires_at"],
        undo_of=row["undo_of"],
        undone_by=row["undone_by"],
        counts={**_NO_COUNTS, **row["counts"]},
    )
    return Stored(command, frozenset(row["communes"]))


class CommandView:
    """Reads commands, their targets and what they hold, within a scope."""

    def __init__(self, city: City, rows: Rows, rights: Rights) -> None:
        self._city = city
        self._rows = rows
        self._rights = rights

    async def list_recent(self, scope: Scope) -> list[Command]:
        found = await queries.list_recent(self._rows, self._rights.trade_pairs(scope), MOST_COMMANDS)
        return await self._cut_all(scope, [to_stored(row) for row in found])

    async def list_open(self, scope: Scope) -> list[Command]:
        found = await queries.list_open(self._rows, self._rights.trade_pairs(scope), MOST_COMMANDS)
        return await self._cut_all(scope, [to_stored(row) for row in found])

    async def get(self, scope: Scope, command_id: UUID) -> Command:
        """Raises NotFound also when the command exists and may not be seen."""
        row = await queries.find_one(self._rows, self._rights.trade_pairs(scope), command_id)
        if row is None:
            raise NotFound("error.command_not_found")
        return (await self._cut_all(scope, [to_stored(row)]))[0]

    async def list_acts(self, scope: Scope, twin_no: int) -> list[Act]:
        """The last commands on a twin, with what became of it."""
        found = await queries.list_of_twin(self._rows, self._rights.trade_pairs(scope), twin_no, _MOST_ACTS)
        commands = await self._cut_all(scope, [to_stored(row) for row in found])
        return [
            Act(
                **{key: getattr(command, key) for key in Command.__struct_fields__},
                target_state=TargetState(row["target_state"]).name.lower(),
                target_reason=row["target_reason"],
            )
            for command, row in zip(commands, found, strict=True)
        ]

    async def list_targets(
        self, scope: Scope, command_id: UUID, state: TargetState | None, most: int
    ) -> list[CommandTarget]:
        seen = self._rights.type_pairs(scope)
        found = await queries.list_targets(self._rows, seen, command_id, state, most)
        return [
            CommandTarget(
                row["urn"],
                row["name"],
                TargetState(row["state"]).name.lower(),
                row["reason"],
                row["sent_at"],
                row["done_at"],
            )
            for row in found
        ]

    async def list_holds(self, scope: Scope) -> list[Hold]:
        found = await queries.list_holds(self._rows, self._rights.type_pairs(scope), _MOST_HOLDS)
        return [self._to_hold(row) for row in found]

    async def list_holds_of_twin(self, scope: Scope, twin_no: int) -> list[Hold]:
        found = await queries.list_holds_of_twin(self._rows, self._rights.type_pairs(scope), twin_no)
        return [self._to_hold(row) for row in found]

    async def list_for_scopes(self, ids: Sequence[UUID], scopes: Collection[Scope]) -> dict[Scope, list[Command]]:
        """Commands by id, for each scope those that it sees."""
        stored = [to_stored(row) for row in await queries.list_by_ids(self._rows, ids)]
        split = await self._split([one for one in stored if any(self._is_partial(scope, one) for scope in scopes)])
        return {scope: [self._cut(scope, one, split) for one in stored if self._sees(scope, one)] for scope in scopes}

    async def _cut_all(self, scope: Scope, stored: Sequence[Stored]) -> list[Command]:
        split = await self._split([one for one in stored if self._is_partial(scope, one)])
        return [self._cut(scope, one, split) for one in stored]

    def _sees(self, scope: Scope, one: Stored) -> bool:
        return not one.communes.isdisjoint(self._rights.communes_of(scope, one.command.trade))

    def _is_partial(self, scope: Scope, one: Stored) -> bool:
        seen = self._rights.communes_of(scope, one.command.trade)
        return not one.communes.isdisjoint(seen) and not one.communes <= seen

    def _cut(self, scope: Scope, one: Stored, split: Split) -> Command:
        """A command without what it does where the scope does not see."""
        if not self._is_partial(scope, one):
            return one.command
        seen = self._rights.communes_of(scope, one.command.trade)
        counts = Counter(_NO_COUNTS)
        for commune, numbers in split.get(one.command.id, {}).items():
            if commune in seen:
                counts.update(numbers)
        selection = self._cut_selection(scope, one.command.selection, seen)
        return msgspec.structs.replace(one.command, counts=dict(counts), selection=selection)

    def _cut_selection(self, scope: Scope, selection: Selection, seen: frozenset[str]) -> Selection:
        ids = selection.ids
        if selection.kind in ("twins", "part_of"):
            ids = tuple(urn for urn in ids if self._is_visible(scope, urn))
        elif selection.kind == "commune":
            ids = tuple(insee for insee in ids if insee in seen)
        return msgspec.structs.replace(selection, ids=ids)

    def _is_visible(self, scope: Scope, urn: str) -> bool:
        try:
            self._rights.get_visible(scope, urn)
        except NotFound:
            return False
        return True

    async def _split(self, stored: Sequence[Stored]) -> Split:
        if not stored:
            return {}
        split: dict[UUID, dict[str, dict[str, int]]] = {}
        for row in await queries.count_by_commune(self._rows, [one.command.id for one in stored]):
            numbers = split.setdefault(row["command_id"], {}).setdefault(row["commune"], {})
            numbers[TargetState(row["state"]).name.lower()] = row["targets"]
        return split

    def _to_hold(self, row: Row) -> Hold:
        wanted: dict[str, Scalar] = {}
        groups = self._city.types[row["type"]].hold_groups
        for group in groups:
            if group.key == row["hold_group"]:
                for key, value in zip(group.properties, row["wanted"], strict=True):
                    spoken = speak_value(self._city.get_property(row["type"], key), value)
                    if spoken is not None:
                        wanted[key] = spoken
        return Hold(
            twin=row["urn"],
            twin_name=row["name"],
            group=row["hold_group"],
            wanted=wanted,
            until=row["until"],
            since=row["since"],
            command=row["command_id"],
            owner=row["issuer_name"],
            reason=row["reason"],
        )


def speak_value(spec: PropertySpec, value: float | None) -> Scalar:
    """A stored number as people read it: a choice by its word, a boolean as one, nothing for NaN."""
    if value is None or value != value:
        return None
    if spec.kind == "boolean":
        return value != 0.0
    if spec.kind == "choice":
        place = round(value)
        return spec.choices[place] if 0 <= place < len(spec.choices) else None
    return float(value)
