"""A commune's year leaves the room: signed JSON, or a table; that it left is audited."""

import asyncio
import hashlib
from datetime import datetime

import msgspec
from msgspec import Struct

from ondijon.apps.console.downloads import write_table
from ondijon.apps.console.parts.energy.shapes import YearShape
from ondijon.apps.console.parts.energy.view import get_year
from ondijon.apps.console.room import Room, Seat
from ondijon.domains.lighting.model import TRADE
from ondijon.kernel.errors import NotAllowed
from ondijon.web.signing import SealingKey

FORMAT = "ondijon-energy-1"
HEAD = (
    *("commune", "year", "cabinet", "lights", "basis", "baseline_kwh", "measured_kwh", "saving_pct"),
    *("coverage", "margin_pct", "simulated"),
)


class ExportContent(Struct, frozen=True):
    """What is signed."""

    format: str
    city: str
    synthetic: bool
    exported_at: datetime
    exported_by: str
    saving: YearShape


async def export_json(room: Room, seat: Seat, key: SealingKey, commune: str, year: int) -> bytes:
    """Everything that the page shows, signed; raises NotFound and NotAllowed."""
    found = await _read(room, seat, commune, year)
    card = room.city.card
    content = ExportContent(FORMAT, card.key, card.synthetic, room.clock.now(), seat.person.actor.name, found)
    document = await asyncio.to_thread(_signed, key, content)
    await _audit(room, seat, found, "json", document)
    return document


def _signed(key: SealingKey, content: ExportContent) -> bytes:
    return msgspec.json.encode(key.sign(content))


async def export_csv(room: Room, seat: Seat, commune: str, year: int) -> bytes:
    """One line a cabinet, then the commune's; raises NotFound and NotAllowed."""
    found = await _read(room, seat, commune, year)
    place, simulated = [commune, year], int(found.found.is_simulated)
    rows: list[list[object]] = []
    for one in found.cabinets:
        figures = [round(value, 2) for value in (one.baseline_kwh, one.measured_kwh, one.saving_pct)]
        rows.append([*place, one.id, one.lights, one.basis, *figures, round(one.coverage, 3), "", simulated])
    proof = found.found.proof
    figures = [round(value, 2) for value in (proof.baseline_kwh, proof.measured_kwh, proof.saving_pct)]
    margin = round(proof.saving_pct_margin, 2)
    rows.append([*place, "*", proof.lights, "", *figures, round(proof.coverage, 3), margin, simulated])
    document = write_table(HEAD, rows)
    await _audit(room, seat, found, "csv", document)
    return document


async def _read(room: Room, seat: Seat, commune: str, year: int) -> YearShape:
    found = await get_year(room, seat, commune, year)
    if not found.may_export:
        raise NotAllowed("error.not_allowed", verb="export", trade=TRADE, commune=commune)
    return found


async def _audit(room: Room, seat: Seat, found: YearShape, form: str, document: bytes) -> None:
    detail = {"form": form, "year": found.year, "commune": found.commune}
    detail["sha256"] = hashlib.sha256(document).hexdigest()
    await room.post.record_act(seat.person.actor, "lighting.saving_exported", f"commune:{found.commune}", detail)
