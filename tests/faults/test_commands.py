"""A command is never shown as done before the device shows it, and never done twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.faults.acts import await_state, dim, dim_body, state_of, undo, value_of
from tests.faults.deadline import tell, until
from tests.faults.field_gateway import FieldGateway
from tests.faults.running_post import Desk, RunningPost
from tests.faults.town import cabinet_name, cabinet_urn, light_urn, own_gateway, own_light, own_light_urn

pytestmark = [pytest.mark.faults, pytest.mark.engines]


def test_a_command_to_a_lamp_whose_gateway_never_answers_ends_unknown(post: RunningPost) -> None:
    claire = post.desk("claire")
    command = dim(claire, own_light_urn(0, 0), level_pct=40, expires_s=3)
    seen = await_state(claire, command, "unknown", within_s=10)
    assert "confirmed" not in seen
    (target,) = claire.get(f"/api/commands/{command}/targets")
    assert target["reason"] == "post.target.silent"
    tell("silent gateway", f"states seen {sorted(seen)}")


def test_a_command_that_was_accepted_and_never_shown_ends_unknown_and_a_late_word_is_reconciled(
    post: RunningPost,
) -> None:
    claire = post.desk("claire")
    with FieldGateway(post, own_gateway(1)) as gateway:
        gateway.show(own_light(1, 0), 0.0, "programme")
        command = dim(claire, own_light_urn(1, 0), level_pct=40, expires_s=4)
        until("the command is here", lambda: gateway.commands(command), 5)
        gateway.acknowledge(command, "accepted")
        seen = await_state(claire, command, "unknown", within_s=10)
        assert "accepted" in seen and "confirmed" not in seen
        gateway.show(own_light(1, 0), 0.4, "manual")
        await_state(claire, command, "confirmed", within_s=5)
    tell("silent lamp", f"states seen {sorted(seen)}, confirmed by its own late report")


def test_a_gateway_that_was_away_during_dim_and_undo_ends_exactly_where_it_was(post: RunningPost) -> None:
    claire, away = post.desk("claire"), 3
    held, free = light_urn(away, 0), light_urn(away, 1)
    await_state(claire, dim(claire, held, level_pct=30), "confirmed", within_s=20)
    before = {urn: claire.get(f"/api/twin/{urn}")["state"] for urn in (held, free)}
    post.order("sim", "offline", "--gateway", cabinet_name(away))
    until("the cabinet is offline", lambda: value_of(claire, cabinet_urn(away), "online") is False, 10)

    wide = dim(claire, held, free, light_urn(4, 0), level_pct=80)
    until("the others have it", lambda: claire.get(f"/api/commands/{wide}")["counts"].get("confirmed") == 1, 20)
    back = undo(claire, wide)
    until("the others are back", lambda: claire.get(f"/api/commands/{back}")["counts"].get("confirmed") == 1, 20)
    assert value_of(claire, held, "level_pct") == pytest.approx(30, abs=1)

    post.order("sim", "heal", "--gateway", cabinet_name(away))
    await_state(claire, back, "confirmed", within_s=40)
    for urn in (held, free):
        for key, tolerance in (("level_pct", 1.0), ("control", 0.0)):
            assert _same(value_of(claire, urn, key), before[urn][key]["value"], tolerance), (urn, key)
    holds = {hold["twin"]: hold["wanted"] for hold in claire.get("/api/holds")}
    assert holds[held]["level_pct"] == 30 and free not in holds
    targets = {one["id"]: one["state"] for one in claire.get(f"/api/commands/{wide}/targets")}
    tell("gateway away during dim and undo", f"back at 30 % manual and at its programme; the dim ended {targets}")


def _same(value: Any, former: Any, tolerance: float) -> bool:
    return bool(abs(value - former) <= tolerance) if tolerance else bool(value == former)


def test_a_double_click_has_one_effect(post: RunningPost) -> None:
    claire = post.desk("claire")
    body = dim_body(own_light_urn(2, 0), level_pct=70, expires_s=30)
    with FieldGateway(post, own_gateway(2)) as gateway, ThreadPoolExecutor(8) as clicks:
        answers = list(clicks.map(lambda _: claire.ask("/api/commands", body), range(8)))
        assert {answer.status_code for answer in answers} == {202}
        (command,) = {answer.json()["id"] for answer in answers}
        until("the command is here", lambda: gateway.commands(command), 5)
        gateway.show(own_light(2, 0), 0.7, "manual")
        await_state(claire, command, "confirmed", within_s=5)
        assert len(gateway.commands(command)) == 1
    key = body["idempotency_key"]
    assert post.count("SELECT count(*) FROM commands WHERE idempotency_key::text = $1", key) == 1
    assert post.count("SELECT count(*) FROM audit WHERE subject = $1", command) == 1
    tell("8 clicks at once", "1 command, 1 audit line, 1 message to the gateway")


def test_two_approvals_at_once_have_one_effect(post: RunningPost) -> None:
    amine, claire = post.desk("amine"), post.desk("claire")
    body = dim_body(level_pct=50, expires_s=120) | {"targets": {"kind": "all", "ids": []}}
    command = amine.post("/api/commands", body)["id"]
    assert state_of(amine, command) == "awaiting_approval"
    assert amine.ask(f"/api/commands/{command}/approve").status_code == 403
    with ThreadPoolExecutor(6) as clicks:
        answers = list(clicks.map(lambda _: _approve(claire, command), range(6)))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 200 and all(400 <= status < 500 for status in statuses[1:]), statuses
    approvals = "SELECT count(*) FROM audit WHERE subject = $1 AND act = 'command.approved'"
    assert post.count(approvals, command) == 1
    tell("6 approvals at once", f"answers {statuses}, 1 audit line")


def _approve(desk: Desk, command: str) -> httpx.Response:
    return desk.ask(f"/api/commands/{command}/approve")
