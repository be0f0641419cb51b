"""What must be true of the whole town when nothing is on its way and nothing is broken."""

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from ondijon.kernel.clock import to_us
from ondijon.kernel.commands import CommandState, TargetState, summarise
from ondijon.runtime.field_role import FieldRole
from tests.deterministic.field import Gateway, Lamp, programme_level
from tests.deterministic.store import Record

if TYPE_CHECKING:
    from tests.deterministic.world import World

LATE = timedelta(seconds=75)
"""A hold's release is asked for within a second, sent within another, and asked for again after a minute."""
SKEW_US = 3_601_000_000
REMEMBERED = timedelta(hours=23)
SETTLED_US = 250_000_000
"""The longest delay of an alarm is 240 s, and begins anew with a restart."""


def judge_calm(world: "World", *, at_the_end: bool = False) -> None:
    """Raise Broken when something does not stand as it must."""
    role = world.post.role
    assert role is not None
    _judge_live_state(world, role)
    _judge_commands(world)
    _judge_unknown(world)
    _judge_answers(world)
    _judge_holds(world)
    _judge_alarms(world, role)
    for gateway in world.field.gateways.values():
        for lamp in gateway.lamps.values():
            _judge_lamp(world, gateway, lamp, at_the_end=at_the_end)
        _judge_programme(world, gateway)


def _judge_live_state(world: "World", role: FieldRole) -> None:
    city = role._city
    for (urn, key), (observed_us, value) in world.oracle.newest.items():
        twins, row = city.get_twin(urn)
        columns = city.columns[twins.twin_type]
        live = (int(columns.observed(key)[row]), float(columns[key][row]))
        same = live == (observed_us, value)
        world.oracle.need(same, "the live state is the newest observation", urn, key, live, (observed_us, value))


def _judge_commands(world: "World") -> None:
    now = world.clock.now()
    for command_id, row in world.store.table("commands").items():
        targets = world.store.table("command_targets")[command_id]
        counts = Counter(TargetState(target["state"]) for target in targets.values())
        if row["prepared_at"] is not None:
            told = {state.name.lower(): number for state, number in counts.items()}
            right = row["state"] == summarise(dict(counts)).value and row["counts"] == told
            world.oracle.need(right, "a command says what its targets say", row["state"], row["counts"], told)
        open_now = row["state"] in ("requested", "sent", "accepted", "awaiting_approval")
        late = open_now and row["expires_at"] < now - LATE
        world.oracle.need(not late, "no order stays open after its time", row["key"], row["state"], row["counts"])


def _judge_unknown(world: "World") -> None:
    """A light that shows late what it was asked for is believed, whoever was restarted meanwhile."""
    now = world.clock.now()
    newest: dict[int, Record] = {}
    prepared = [row for row in world.store.table("commands").values() if row["prepared_at"] is not None]
    for row in sorted(prepared, key=lambda row: (row["prepared_at"], row["id"])):
        for twin_no, target in world.store.table("command_targets")[row["id"]].items():
            newest[twin_no] = {**target, "requested_at": row["requested_at"]}
    for twin_no, target in newest.items():
        if target["state"] != TargetState.UNKNOWN:
            continue
        since_us = to_us(target["sent_at"]) + SKEW_US
        late = target["requested_at"] > now - REMEMBERED
        shown = late and world.oracle.has_shown(twin_no, target, since_us)
        world.oracle.need(not shown, "a late report confirms", world.town.urns[twin_no], target)


def _judge_answers(world: "World") -> None:
    """What was promised to people is there, once."""
    rows = world.store.table("commands")
    keys = Counter(row["idempotency_key"] for row in rows.values())
    audited = Counter((row["act"], row["subject"]) for row in world.store.table("audit").values())
    for answer in world.people.answers:
        if answer.command is None or answer.what == "acknowledge":
            continue
        there = answer.command in rows
        world.oracle.need(there, "what was acknowledged is never lost", answer)
        if answer.what in ("ask", "undo"):
            world.oracle.need(keys[answer.key] == 1, "one effect for one intent", answer)
            line = audited["command.requested", str(answer.command)]
            world.oracle.need(line == 1, "one line of the audit for one act", answer, line)
    _judge_rivals(world, rows)


def _judge_rivals(world: "World", rows: dict[object, Record]) -> None:
    undone = Counter(row["undo_of"] for row in rows.values() if row["undo_of"] is not None)
    for command_id, times in undone.items():
        world.oracle.need(times == 1, "of two who undo, one wins and the other is told", command_id, times)
    for row in rows.values():
        if row["state"] == CommandState.REJECTED:
            world.oracle.need(row["prepared_at"] is None, "what was turned down never leaves", row["id"])


def _judge_holds(world: "World") -> None:
    now = world.clock.now()
    for twin_no, hold in world.oracle.holds.items():
        late = hold.until is not None and hold.until < now - LATE
        world.oracle.need(not late, "a hold ends when it must", world.town.urns[twin_no], hold)


def _judge_alarms(world: "World", role: FieldRole) -> None:
    columns = role._city.columns["Streetlight"]
    for row, record in enumerate(role._city.twins["Streetlight"].records):
        level, power = (float(columns[key][row]) for key in ("level_pct", "power_w"))
        number = world.town.twin_nos[record.id]
        standing = {
            alarm["type"]
            for alarm in world.store.table("alarms").values()
            if alarm["twin_no"] == number and alarm["state"].startswith("active")
        }
        about = (record.id, level, power, standing)
        shown_us = max(int(columns.received(key)[row]) for key in ("level_pct", "power_w"))
        shown_us = max(shown_us, world.post.restored_us)
        if world.clock.now_us() - shown_us < SETTLED_US:
            continue
        if level >= 20 and power <= 0.0:
            world.oracle.need("lighting.lamp_out" in standing, "a lamp that is out has its alarm", *about)
        if level >= 20 and power >= 0.3 * 50.0 * level / 100.0:
            world.oracle.need(not standing, "an alarm clears when its condition has gone", *about)
        if level <= 0.0 and power >= 20.0:
            world.oracle.need("lighting.day_burner" in standing, "a lamp that burns by day has its alarm", *about)


def _judge_lamp(world: "World", gateway: Gateway, lamp: Lamp, *, at_the_end: bool) -> None:
    number = world.town.twin_nos[lamp.urn]
    ends = [
        (row["prepared_at"], row["id"], TargetState(world.store.table("command_targets")[row["id"]][number]["state"]))
        for row in world.store.table("commands").values()
        if row["prepared_at"] is not None and number in world.store.table("command_targets")[row["id"]]
    ]
    if not at_the_end and ends and max(ends)[2] != TargetState.CONFIRMED:
        return
    hold = world.oracle.holds.get(number)
    if hold is None:
        wanted = (0.0, programme_level(gateway.version, world.clock.now()))
    else:
        wanted = (hold.wanted[0] or 0.0, hold.wanted[1] or 0.0)
    is_there = (lamp.control, lamp.level_pct) == wanted
    world.oracle.need(is_there, "a light is where its hold or its programme wants it", lamp, hold, wanted, ends[-3:])


def _judge_programme(world: "World", gateway: Gateway) -> None:
    urn = next(urn for urn in world.town.twin_nos if urn.endswith(gateway.name))
    row = world.store.table("programmes").get(world.town.twin_nos[urn])
    wanted = 0 if row is None else row["version"]
    world.oracle.need(
        gateway.version == wanted, "a gateway stores the programme it should", urn, gateway.version, wanted
    )
