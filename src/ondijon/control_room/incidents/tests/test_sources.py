"""No source is ever lost, whatever is merged and split in whatever order."""

import random
from uuid import UUID

import pytest

from ondijon.control_room.incidents.tests.conftest import AMINE, CLAIRE, IncidentRoom
from ondijon.kernel.errors import Refused

pytestmark = pytest.mark.engines
STEPS = 60


async def _merge(room: IncidentRoom, draw: random.Random, incidents: list[UUID]) -> None:
    one, other = draw.sample(incidents, 2)
    await room.step(draw.choice((CLAIRE, AMINE)), "merge", one, into=str(other))


async def _split(room: IncidentRoom, draw: random.Random, incidents: list[UUID]) -> None:
    incident = draw.choice(incidents)
    held = await room.rows.fetch("SELECT id FROM incident_sources WHERE incident = $1 ORDER BY id", incident)
    if held:
        chosen = [str(row["id"]) for row in draw.sample(list(held), draw.randint(1, len(held)))]
        incidents.append(UUID((await room.step(CLAIRE, "split", incident, sources=chosen))["id"]))


async def _must_hold(room: IncidentRoom, known: set[tuple[str, str]]) -> None:
    """Every source is held by an incident that stands for itself, and every merged one by what it was merged into."""
    held = await room.rows.fetch(
        "SELECT s.kind, s.source, s.incident, i.state FROM incident_sources s JOIN incidents i ON i.id = s.incident"
    )
    assert {row["state"] for row in held} <= {"reported"}
    assert known <= {(row["kind"], row["source"]) for row in held}
    merged = await room.rows.fetch("SELECT id, merged_into FROM incidents WHERE state = 'merged'")
    holders = {row["source"]: row["incident"] for row in held if row["kind"] == "incident"}
    assert {str(row["id"]): row["merged_into"] for row in merged} == holders
    cards = await room.rows.fetch(
        """SELECT c.incident AS said, s.incident AS held FROM alarm_cards c
           JOIN incident_sources s ON s.kind = 'alarm' AND s.source = c.id::text"""
    )
    assert all(row["said"] == row["held"] for row in cards)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_every_source_stays_reachable(room: IncidentRoom, seed: int) -> None:
    draw = random.Random(seed)
    incidents, known = [], set()
    for number in range(1, 7):
        card, call = await room.card(number), str(UUID(int=number << 64))
        incidents.append(await room.open(type=None, place=None, card=str(card), call=call))
        known |= {("alarm", str(card)), ("call", call)}
    for _ in range(STEPS):
        room.clock.advance(1)
        try:
            await draw.choice((_merge, _split))(room, draw, incidents)
        except Refused as refused:
            assert refused.key in ("error.incident_step", "error.merge_into_closed")
    await _must_hold(room, known)
    moves = await room.rows.fetch(
        """SELECT m.source, array_agg(m.from_incident ORDER BY m.at, m.id) AS sources,
               array_agg(m.to_incident ORDER BY m.at, m.id) AS targets FROM incident_source_moves m GROUP BY m.source"""
    )
    assert moves
    for row in moves:  # the history of each source is one unbroken way from where it was first noted to where it is
        source = await room.rows.fetch_one("SELECT origin, incident FROM incident_sources WHERE id = $1", row["source"])
        assert source is not None
        assert [source["origin"], *row["targets"]] == [*row["sources"], source["incident"]]
