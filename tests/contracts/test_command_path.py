"""A command from the person who asks to the device that shows it, over real rows."""

from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from ondijon.control_room.alarms.manifest import ROOM
from ondijon.kernel.audit import AuditLine, ChainCheck, Finding
from ondijon.kernel.commands import Command, CommandRequest, CommandState, Payload, Precondition, Selection
from ondijon.kernel.errors import NotAllowed, NotFound, Refused
from ondijon.kernel.identity import Actor
from ondijon.kernel.ports import Row
from ondijon.kernel.room import Act
from ondijon.runtime.post_queries import find_command, to_command
from ondijon.runtime.room_door import RoomDoor
from ondijon.testing.fakes import SequentialIds
from tests.contracts.conftest import Room, light, open_room, person

pytestmark = pytest.mark.engines

ANNE = person("anne")
DIM = "lighting.dim_streetlights"


def asking(
    selection: Selection, payload: Payload | None = None, key: str = DIM, reason: str = "essai", expires_s: int = 60
) -> CommandRequest:
    return CommandRequest(key, selection, {"level_pct": 60} if payload is None else payload, reason, expires_s, uuid4())


def these(*urns: str) -> Selection:
    return Selection("twins", urns)


async def stored(room: Room, command: Command | UUID) -> Command:
    row = await find_command(room.rows, command if isinstance(command, UUID) else command.id)
    assert row is not None
    return to_command(row)


async def dim(room: Room, *urns: str, level: float = 60, actor: Actor = ANNE) -> Command:
    command = await room.post.submit(actor, asking(these(*urns), {"level_pct": level}))
    await room.dispatch()
    return command


async def test_a_command_is_confirmed_only_by_the_device_s_own_report(room: Room) -> None:
    command = await dim(room, light(0, 0))
    assert (await stored(room, command)).state == CommandState.SENT
    assert room.field.orders[0].devices[0].wanted == {"control": 1.0, "level_pct": 60.0}
    room.clock.advance(1)
    await room.report(light(0, 0), control=1.0, level_pct=35.0)
    assert (await stored(room, command)).state == CommandState.SENT
    room.clock.advance(1)
    await room.report(light(0, 0), level_pct=60.4)
    assert (await stored(room, command)).state == CommandState.CONFIRMED


async def test_a_report_from_before_the_sending_confirms_nothing(room: Room) -> None:
    await room.report(light(0, 0), control=1.0, level_pct=60.0)
    room.clock.advance(5)
    command = await dim(room, light(0, 0))
    await room.report(light(0, 1), control=1.0, level_pct=60.0)
    assert (await stored(room, command)).state == CommandState.SENT


async def test_a_silent_device_leaves_its_command_unknown_and_is_reconciled_when_it_speaks(room: Room) -> None:
    command = await dim(room, light(0, 0))
    room.clock.advance(61)
    await room.role.projector.tick()
    assert (await stored(room, command)).state == CommandState.UNKNOWN
    await room.report(light(0, 0), control=1.0, level_pct=60.0)
    assert (await stored(room, command)).state == CommandState.CONFIRMED


async def test_what_the_broker_does_not_take_expires_and_is_never_shown_as_sent(room: Room) -> None:
    room.field.up = False
    command = await dim(room, light(0, 0))
    assert (await stored(room, command)).state == CommandState.REQUESTED
    room.clock.advance(61)
    await room.role.projector.tick()
    assert (await stored(room, command)).state == CommandState.EXPIRED


async def test_the_same_idempotency_key_has_one_effect(room: Room) -> None:
    request = asking(these(light(0, 0)))
    first = await room.post.submit(ANNE, request)
    again = await room.post.submit(ANNE, request)
    assert first.id == again.id
    count = await room.rows.fetch_one("SELECT count(*) AS n FROM commands")
    assert count is not None and count["n"] == 1


async def test_undo_gives_each_lamp_back_exactly_what_it_held(room: Room) -> None:
    await dim(room, light(0, 0), level=30)
    room.clock.advance(1)
    wide = await dim(room, light(0, 0), light(0, 1), level=100)
    room.clock.advance(1)
    with pytest.raises(Refused, match="reason_needed"):
        await room.post.undo(ANNE, wide.id, "", uuid4())
    await room.post.undo(ANNE, wide.id, "fini", uuid4())
    await room.dispatch()
    wanted = {device.device: device.wanted for device in room.field.orders[-1].devices}
    assert wanted == {"SL-00": {"control": 1.0, "level_pct": 30.0}, "SL-01": {"control": 0.0}}
    with pytest.raises(Refused, match="already_undone"):
        await room.post.undo(ANNE, wide.id, "encore", uuid4())


async def test_undo_leaves_alone_what_somebody_else_has_taken_over(room: Room) -> None:
    first = await dim(room, light(0, 0), light(0, 1), level=80)
    room.clock.advance(1)
    await dim(room, light(0, 1), level=20)
    await room.post.undo(ANNE, first.id, "fini", uuid4())
    await room.dispatch()
    assert [device.device for device in room.field.orders[-1].devices] == ["SL-00"]


async def test_a_lamp_that_was_away_is_brought_back_when_its_gateway_returns(room: Room) -> None:
    await dim(room, light(0, 0), level=80)
    room.clock.advance(1)
    await room.report(light(0, 0), control=0.0, level_pct=10.0)
    await room.role.reconciler.reconcile(["CAB-0"])
    await room.dispatch()
    assert room.field.orders[-1].devices[0].wanted == {"control": 1.0, "level_pct": 80.0}


async def test_a_gateway_s_return_does_not_get_in_the_way_of_an_order_under_way(room: Room) -> None:
    await room.report(light(0, 0), control=0.0, level_pct=10.0)
    room.clock.advance(1)
    command = await dim(room, light(0, 0), level=80)
    await room.role.reconciler.reconcile(["CAB-0"])
    await room.dispatch()
    assert (await stored(room, command)).state == CommandState.SENT
    assert len(room.field.orders) == 1
    room.clock.advance(61)
    await room.role.projector.tick()
    await room.role.reconciler.reconcile(["CAB-0"])
    await room.dispatch()
    assert len(room.field.orders) == 2


async def test_a_commune_s_operator_cannot_command_next_door(room: Room) -> None:
    local = person("luc", communes=("21230",))
    with pytest.raises(NotAllowed):
        await room.post.submit(local, asking(these(light(1, 0))))
    dry = await room.post.dry_run(local, asking(Selection("all")))
    assert dry.count == 3 and dry.by_commune == {"21230": 3}


async def test_a_wide_order_waits_for_another_person_with_the_right(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ondijon.kernel.commands.TWO_PERSONS_ABOVE", 5)
    command = await room.post.submit(ANNE, asking(Selection("all")))
    assert command.state == CommandState.AWAITING_APPROVAL
    await room.dispatch()
    assert room.field.orders == []
    approver = person("zoe", verbs=("see", "approve"))
    with pytest.raises(NotAllowed, match="self_approval"):
        await room.post.approve(person("anne", verbs=("see", "command", "approve")), command.id)
    with pytest.raises(NotAllowed):
        await room.post.approve(person("bob"), command.id)
    with pytest.raises(NotFound):
        await room.post.approve(person("eve", communes=("99999",), verbs=("see", "approve")), command.id)
    await room.post.approve(approver, command.id)
    await room.dispatch()
    assert sum(len(order.devices) for order in room.field.orders) == 6


async def test_a_failed_precondition_sends_nothing(room: Room) -> None:
    request = CommandRequest(
        DIM, these(light(0, 0)), {"level_pct": 60}, "", 60, uuid4(), Precondition(light(0, 1), "level_pct", 50, 100)
    )
    command = await room.post.submit(ANNE, request)
    await room.dispatch()
    assert (await stored(room, command)).state == CommandState.FAILED
    assert room.field.orders == []


async def test_a_restart_forgets_no_open_command(room: Room) -> None:
    command = await dim(room, light(0, 0))
    await room.report(light(0, 1), level_pct=42.0)
    await room.role.keep()
    room.clock.advance(1)
    await room.report(light(0, 2), level_pct=43.0)
    again = await open_room(room.rows, room.clock)
    columns = again.city.columns["Streetlight"]
    assert [columns["level_pct"][again.city.get_twin(light(0, j))[1]] for j in (1, 2)] == [42.0, 43.0]
    room.clock.advance(1)
    await again.report(light(0, 0), control=1.0, level_pct=60.0)
    assert (await stored(again, command)).state == CommandState.CONFIRMED


def first_finding(lines: list[AuditLine], rows: Sequence[Row]) -> Finding | None:
    check = ChainCheck()
    for line, row in zip(lines, rows, strict=True):
        check.follow(line, row["hash"])
    return check.finish()


async def test_every_act_has_its_audit_line_and_the_chain_holds(room: Room) -> None:
    command = await dim(room, light(0, 0))
    await room.post.undo(ANNE, command.id, "fini", uuid4())
    rows = await room.rows.fetch("SELECT * FROM audit ORDER BY line_no")
    assert [row["act"] for row in rows] == ["command.requested", "command.requested"]
    lines = [
        AuditLine(r["line_no"], r["at"], r["actor"], r["act"], r["subject"], r["detail"], r["previous_hash"])
        for r in rows
    ]
    assert first_finding(lines, rows) is None
    forged = [AuditLine(1, lines[0].at, None, "x", "y", {}, lines[0].previous_hash), lines[1]]
    assert first_finding(forged, rows) == Finding(1, "edited")


async def test_a_lamp_that_fails_raises_one_alarm_with_its_event_and_clears_it(room: Room) -> None:
    await room.report(light(0, 0), level_pct=100.0, power_w=1.0)
    # A single lamp might be cycling: it is told after four minutes.
    room.clock.advance(239)
    await room.role.projector.tick()
    assert await room.rows.fetch("SELECT FROM alarms") == []
    room.clock.advance(2)
    await room.role.projector.tick()
    await room.role.projector.tick()
    alarms = await room.rows.fetch("SELECT state, evidence FROM alarms")
    assert [alarm["state"] for alarm in alarms] == ["active_unacknowledged"]
    columns = room.city.columns["Streetlight"]
    assert columns["health"][room.city.get_twin(light(0, 0))[1]] == 3.0
    await room.report(light(0, 0), level_pct=100.0, power_w=50.0)
    room.clock.advance(4)
    await room.role.projector.tick()
    alarms = await room.rows.fetch("SELECT id, state FROM alarms")
    assert [alarm["state"] for alarm in alarms] == ["cleared_unacknowledged"]
    events = await room.rows.fetch("SELECT key FROM events ORDER BY id")
    assert [event["key"] for event in events] == ["alarm.raised", "alarm.cleared"]
    actor = person("anne", verbs=("see", "acknowledge"))
    door = RoomDoor(room.city, room.rows, room.bus, room.clock, SequentialIds(1 << 64), [ROOM])
    await door.perform(actor, Act("alarms.acknowledge", {"alarms": [str(alarms[0]["id"])]}, uuid4()))
    assert (await room.rows.fetch_one("SELECT state FROM alarms") or {})["state"] == "normal"


async def test_a_precondition_on_nothing_is_refused_and_one_on_what_has_gone_stops_nobody_else(room: Room) -> None:
    ask = CommandRequest(DIM, these(light(0, 0)), {"level_pct": 60}, "", 60, uuid4(), Precondition("urn:none", "x"))
    with pytest.raises(NotFound):
        await room.post.submit(ANNE, ask)
    with pytest.raises(NotFound):
        await room.post.submit(ANNE, replace(ask, precondition=Precondition(light(0, 1), "no_such")))
    orphan = await room.post.submit(ANNE, replace(ask, precondition=Precondition(light(0, 1), "level_pct")))
    gone = {"twin": "urn:none", "property": "x", "at_least": None, "at_most": None}
    await room.rows.execute("UPDATE commands SET precondition = $2 WHERE id = $1", orphan.id, gone)
    other = await dim(room, light(1, 0))
    assert (await stored(room, orphan)).state == CommandState.FAILED
    assert (await stored(room, other)).state == CommandState.SENT


async def test_a_command_of_a_trade_that_is_not_loaded_stops_nobody_else(room: Room) -> None:
    orphan = await room.post.submit(ANNE, asking(these(light(0, 0))))
    await room.rows.execute("UPDATE commands SET twin_type = 'GoneThing' WHERE id = $1", orphan.id)
    other = await dim(room, light(1, 0))
    assert (await stored(room, other)).state == CommandState.SENT
    again = await open_room(room.rows, room.clock)
    assert again.role.tracker.find(other.id) is not None
