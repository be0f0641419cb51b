"""Every route and every act is walked by everybody, on own ground, on other ground, and over what does not exist."""

import pytest

from tests.matrix.acts import ACTS, NEVER_DONE
from tests.matrix.people import LOCKED, NOBODY, OUTSIDE, WALKERS
from tests.matrix.routes import BY_ACT, ROUTES, SOCKET
from tests.matrix.stage import Stage
from tests.matrix.table import Findings, Line
from tests.matrix.walker import declared_routes, walk

pytestmark = pytest.mark.engines


async def walk_all(stage: Stage, lines: tuple[Line, ...], whos: tuple[str, ...]) -> Findings:
    findings = Findings()
    for line in lines:
        for who in whos:
            for where in line.where if who in WALKERS else line.where[:1]:
                await walk(stage, line, who, where, findings)
    return findings


async def test_every_route_and_every_act_has_its_line(stage: Stage) -> None:
    judged = {line.name for line in ROUTES} | {BY_ACT, SOCKET}
    assert declared_routes(stage.desk.app) == judged
    assert set(stage.desk.door.act_keys) == {line.name for line in ACTS}


async def test_every_route_answers_each_role_as_the_table_says(stage: Stage) -> None:
    await stage.desk.bus.publish(
        "ondijon.role.gateway", b'{"role": "gateway", "state": "ready", "pid": 1, "at": "2026-11-21T20:00:00Z"}'
    )
    findings = await walk_all(stage, ROUTES, (*WALKERS, *OUTSIDE))
    assert not findings.wrong, "\n".join(["", *findings.wrong])


async def test_every_act_is_let_in_or_kept_out_as_the_table_says(stage: Stage) -> None:
    findings = await walk_all(stage, ACTS, (*WALKERS, NOBODY, LOCKED))
    assert not findings.wrong, "\n".join(["", *findings.wrong])
    undone = {line.name for line in ACTS} - findings.done
    assert undone == set(NEVER_DONE), "an act that nobody got through proves nothing"
