"""The state of the lights: families, forecast, warranty, and the programme of renewal."""

import hashlib
from datetime import datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from litestar import Response, get
from litestar.params import FromQuery, QueryParameter
from msgspec import Struct

from ondijon.apps.console.downloads import answer_file, write_table
from ondijon.apps.console.parts.maintenance.park import (
    Park,
    forecast_cohorts,
    hours_of,
    list_candidates,
    read_models,
    read_park,
    seen_rows,
)
from ondijon.apps.console.room import Room, Seat, TheRoom, TheSeat
from ondijon.domains.lighting.model import STREETLIGHT, TRADE
from ondijon.domains.lighting.queries import baseline as baselines
from ondijon.domains.lighting.queries import maintenance as queries
from ondijon.domains.lighting.rules.maintenance import Forecast, warranty_until
from ondijon.domains.lighting.rules.renewal import Programme, plan_renewal
from ondijon.kernel.arrays import Bools, Floats
from ondijon.kernel.errors import NotAllowed, NotFound

YEARS_AHEAD = 5
MOST_FAILED, MOST_COHORTS = 2_000, 60
EUR_PER_KWH = 0.21
Budget = Annotated[float, QueryParameter(name="budget", ge=1_000, le=1e9)]


class ModelShape(Struct, frozen=True):
    """A family and how many lights are taken to be of it; past_life: above the rated life."""

    key: str
    lamp_type: str
    lights: int
    load_kw: float
    lm_per_w: float
    rated_life_h: float
    warranty_years: int
    mean_hours: float | None
    past_life: int


class FailedShape(Struct, frozen=True):
    """A lamp that is out; in_warranty: its maker still answers for it, by the family's usual years."""

    twin: str
    name: str
    commune: str
    model: str
    installed_year: int
    warranty_until: int
    in_warranty: bool
    since: datetime
    card: UUID | None


class MaintenanceShape(Struct, frozen=True):
    """Everything of the communes that the person sees; unknown: lights of which the inventory says too little."""

    source: str
    eur_year: int
    lights: int
    led: int
    unknown: int
    named: int
    models: list[ModelShape]
    forecasts: list[Forecast]
    failed: list[FailedShape]


@get("/lighting/maintenance")
async def maintenance(room: TheRoom, seat: TheSeat, commune: FromQuery[str] = "") -> MaintenanceShape:
    """Families, forecast and what failed within its warranty."""
    file = await read_models(room.rows)
    communes = _communes(room, seat, commune)
    park, seen = read_park(room.city, file.model), seen_rows(room.city, communes)
    this_year = room.clock.now().astimezone(ZoneInfo(room.city.card.timezone)).year
    hours = hours_of(room.city, park, this_year)
    lights = room.city.twins[STREETLIGHT.key]
    named = sum("luminaire_model" in lights.records[row].attributes for row in np.flatnonzero(seen).tolist())
    return MaintenanceShape(
        source=file.source,
        eur_year=file.eur_year,
        lights=int(seen.sum()),
        led=int((seen & _is_led(park)).sum()),
        unknown=int((seen & (park.model < 0)).sum()),
        named=named,
        models=_models(room, park, seen, hours),
        forecasts=forecast_cohorts(park, hours, seen, YEARS_AHEAD)[:MOST_COHORTS],
        failed=await _failed(room, park, communes, this_year),
    )


def _communes(room: Room, seat: Seat, commune: str) -> frozenset[str]:
    seen = room.rights.communes_of(seat.scope, TRADE)
    if STREETLIGHT.key not in room.city.twins or (commune and commune not in seen):
        raise NotFound("error.commune_not_found", commune=commune[:5])
    return frozenset({commune}) if commune else seen


def _is_led(park: Park) -> Bools:
    led = np.array([*(model.is_led for model in park.models), False])
    found: Bools = led[park.model]
    return found


def _models(room: Room, park: Park, seen: Bools, hours: Floats) -> list[ModelShape]:
    power = np.nan_to_num(room.city.twins[STREETLIGHT.key].numbers("rated_power_w"))
    found = []
    for place, model in enumerate(park.models):
        rows = seen & (park.model == place)
        burned = hours[rows & np.isfinite(hours)]
        found.append(
            ModelShape(
                key=model.key,
                lamp_type=model.lamp_type,
                lights=int(rows.sum()),
                load_kw=float(power[rows].sum() * model.ballast_factor / 1_000.0),
                lm_per_w=model.lm_per_w,
                rated_life_h=model.rated_life_h,
                warranty_years=model.warranty_years,
                mean_hours=float(burned.mean()) if len(burned) else None,
                past_life=int((burned > model.rated_life_h).sum()) if model.is_led else 0,
            )
        )
    return [one for one in found if one.lights]


async def _failed(room: Room, park: Park, communes: frozenset[str], this_year: int) -> list[FailedShape]:
    lights = room.city.twins[STREETLIGHT.key]
    row_of = {int(number): row for row, number in enumerate(lights.twin_no)}
    shapes = []
    for failed in await queries.list_failed(room.rows, sorted(communes), MOST_FAILED):
        row = row_of.get(failed["twin_no"])
        if row is None or park.model[row] < 0 or park.year[row] == 0:
            continue
        record, model, year = lights.records[row], park.models[park.model[row]], int(park.year[row])
        until = warranty_until(model, year)
        shapes.append(
            FailedShape(
                twin=record.id,
                name=record.name,
                commune=record.commune,
                model=model.key,
                installed_year=year,
                warranty_until=until,
                in_warranty=this_year <= until,
                since=failed["raised_at"],
                card=failed["card_id"],
            )
        )
    return shapes


@get("/lighting/renewal")
async def renewal(room: TheRoom, seat: TheSeat, budget: Budget = 500_000.0, commune: FromQuery[str] = "") -> Programme:
    """What is left to renew, street by street, under a yearly budget in EUR."""
    return await _plan(room, _communes(room, seat, commune), budget)


async def _plan(room: Room, communes: frozenset[str], budget: float) -> Programme:
    file = await read_models(room.rows)
    park = read_park(room.city, file.model)
    candidates = list_candidates(room.city, park, seen_rows(room.city, communes))
    first_year = room.clock.now().astimezone(ZoneInfo(room.city.card.timezone)).year + 1
    standing = await baselines.find_standing(room.rows, min(communes)) if communes else None
    return plan_renewal(candidates, first_year, budget, standing["eur_per_kwh"] if standing else EUR_PER_KWH)


@get("/lighting/renewal/export.csv")
async def export_renewal(
    room: TheRoom, seat: TheSeat, budget: Budget = 500_000.0, commune: FromQuery[str] = ""
) -> Response[bytes]:
    """The programme as a table, of the communes whose lists the person may take out; audited."""
    scope = room.rights.scope_of(seat.person.actor, "export")
    mine = room.rights.communes_of(scope, TRADE)
    if not mine:
        raise NotAllowed("error.not_allowed", verb="export", trade=TRADE, commune="*")
    communes = _communes(room, seat, commune) & mine
    lines = []
    for one in (await _plan(room, communes, budget)).streets:
        figures = (one.saved_kwh, one.eur, one.kwh_per_eur, one.payback_years)
        lines.append([one.year, one.commune, one.street, one.lights, *(round(value, 2) for value in figures)])
    head = ["year", "commune", "street", "lights", "saved_kwh", "eur", "kwh_per_eur", "payback_years"]
    document = write_table(head, lines)
    detail = {"form": "csv", "budget": budget, "sha256": hashlib.sha256(document).hexdigest()}
    detail |= {"communes": sorted(communes)}
    await room.post.record_act(seat.person.actor, "lighting.renewal_exported", "renewal", detail)
    return answer_file(document, "text/csv", "renewal.csv")


ROUTES = [maintenance, renewal, export_renewal]
