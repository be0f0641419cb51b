"""What the deterministic simulation found, once more over real rows: rivals, holds that end, reports from before."""

import asyncio
from uuid import UUID, uuid4

import pytest

from ondijon.kernel.commands import Command, CommandRequest, CommandState, Payload, Selection
from ondijon.kernel.errors import Refused
from ondijon.kernel.identity import Actor
from ondijon.runtime.post_queries import find_command, to_command
from ondijon.runtime.reconciler import end_holds
from tests.contracts.conftest import Room, light, open_room, person

pytestmark = pytest.mark.engines

ANNE, BOB = person("anne"), person("bob")


async def ask(room: Room, payload: Payload, *urns: str, expires_s: int = 60) -> Command:
    selection = Selection("twins", urns) if urns else Selection("all")
    request = CommandRequest("lighting.dim_streetlights", selection, payload, "essai", expires_s, uuid4())
    command = await room.post.submit(ANNE, request)
    await room.dispatch()
    return command


async def state_of(room: Room, command_id: UUID) -> CommandState:
    row = await find_command(room.rows, command_id)
    assert row is not None
    return to_command(row).state


async def test_of_two_people_who_undo_at_once_one_wins_and_the_other_is_told(room: Room) -> None:
    command = await ask(room, {"level_pct": 60}, light(0, 0))

    async def undo(actor: Actor) -> str:
        try:
            await room.post.undo(actor, command.id, "fini", uuid4())
        except Refused as told:
            return told.key
        return "done"

    answers = await asyncio.gather(*(undo(actor) for actor in (ANNE, BOB, ANNE, BOB)))
    assert sorted(answers) == ["done", *["error.already_undone"] * 3]
    assert len(await room.rows.fetch("SELECT FROM commands WHERE undo_of = $1", command.id)) == 1


async def test_a_double_click_on_undo_is_one_undo_and_no_refusal(room: Room) -> None:
    command, key = await ask(room, {"level_pct": 60}, light(0, 0)), uuid4()
    first, second = await asyncio.gather(*(room.post.undo(ANNE, command.id, "fini", key) for _ in range(2)))
    assert first.id == second.id


async def test_undo_does_not_bring_back_a_hold_whose_end_has_passed(room: Room) -> None:
    await ask(room, {"level_pct": 30, "hold_s": 60}, light(0, 0))
    wide = await ask(room, {"level_pct": 90}, light(0, 0))
    room.clock.advance(61)
    await room.post.undo(ANNE, wide.id, "fini", uuid4())
    await room.dispatch()
    assert room.field.orders[-1].devices[0].wanted == {"control": 0.0}


async def test_a_hold_lasts_as_long_as_was_asked_from_the_second_person_s_word_on(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ondijon.kernel.commands.TWO_PERSONS_ABOVE", 5)
    command = await ask(room, {"level_pct": 60, "hold_s": 300}, expires_s=60)
    room.clock.advance(600)
    await room.post.approve(person("zoe", verbs=("see", "approve")), command.id)
    await room.dispatch()
    (ends,) = {row["until"] for row in await room.rows.fetch("SELECT until FROM holds")}
    assert (ends - room.clock.now()).total_seconds() == 300


async def test_a_report_that_was_long_under_way_confirms_nothing_before_the_gateway_s_word(room: Room) -> None:
    command = await ask(room, {"level_pct": 60}, light(0, 0))
    room.clock.advance(1)
    await room.report(light(0, 0), observed_s_ago=5.0, control=1.0, level_pct=60.0)
    assert await state_of(room, command.id) == CommandState.SENT
    await room.report(light(0, 0), control=1.0, level_pct=60.0)
    assert await state_of(room, command.id) == CommandState.CONFIRMED


async def test_the_end_of_a_former_hold_does_not_take_a_new_one_away(room: Room) -> None:
    await ask(room, {"level_pct": 30, "hold_s": 60}, light(0, 0))
    room.clock.advance(61)
    selection = Selection("twins", (light(0, 0),))
    request = CommandRequest("lighting.dim_streetlights", selection, {"level_pct": 90}, "essai", 60, uuid4())
    await room.post.submit(BOB, request)
    await end_holds(room.city, room.rows, room.clock, room.post)
    await room.dispatch()
    assert [row["wanted"] for row in await room.rows.fetch("SELECT wanted FROM holds")] == [[1.0, 90.0]]
    assert [device.wanted for order in room.field.orders[1:] for device in order.devices] == [
        {"control": 1.0, "level_pct": 90.0}
    ]


async def test_a_late_report_confirms_an_unknown_target_after_a_restart_too(room: Room) -> None:
    command = await ask(room, {"level_pct": 60}, light(0, 0))
    room.clock.advance(61)
    await room.role.projector.tick()
    assert await state_of(room, command.id) == CommandState.UNKNOWN
    again = await open_room(room.rows, room.clock)
    room.clock.advance(1)
    await again.report(light(0, 0), control=1.0, level_pct=60.0)
    assert await state_of(again, command.id) == CommandState.CONFIRMED
