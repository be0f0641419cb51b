"""What the matrix is walked over of the lighting trade: in each commune a cabinet and two lights, a proved year."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from ondijon.domains.lighting.desk.energy import prove_savings
from ondijon.kernel.identity import THE_POST
from ondijon.kernel.ids import twin_id
from ondijon.kernel.inventory import Inventory, TwinRecord
from ondijon.testing.builders import COMMUNES
from tests.matrix.stage import ANY, Make, Stage, Thing, Where

YEAR = 2025
_PLACE = {"own": 0, "other": 1, "none": 2}


def with_lighting(inventory: Inventory) -> Inventory:
    """The small city with lights in it."""
    return replace(inventory, twins=[*inventory.twins, *(twin for insee in COMMUNES for twin in _lighting(insee))])


def _lighting(insee: str) -> list[TwinRecord]:
    lon = 5.05 + COMMUNES.index(insee) / 10
    local = f"CAB-{insee}"
    cabinet = TwinRecord(
        twin_id("StreetlightControlCabinet", insee, local), "StreetlightControlCabinet", insee, local, (lon, 47.3)
    )
    lights = [
        TwinRecord(
            twin_id("Streetlight", insee, f"SL-{insee}-{number}"),
            "Streetlight",
            insee,
            f"Point {number}",
            (lon + number / 1000, 47.3),
            part_of=cabinet.id,
            attributes={"rated_power_w": 70.0, "lamp_type": "sodium", "installed_year": 2001},
        )
        for number in range(2)
    ]
    return [cabinet, *lights]


async def make_lights(stage: Stage, where: Where) -> Thing:
    """Somewhere in every grant of the trade."""
    return Thing("lights", "lighting", ANY)


async def make_cabinet(stage: Stage, where: Where) -> Thing:
    """A cabinet of the commune."""
    insee = COMMUNES[_PLACE[where]]
    urn = twin_id("StreetlightControlCabinet", insee, f"CAB-{insee}")
    return Thing(urn.replace("CAB-", "NON-") if where == "none" else urn, "lighting", insee)


async def make_light(stage: Stage, where: Where) -> Thing:
    """A light of the commune."""
    insee = COMMUNES[_PLACE[where]]
    urn = twin_id("Streetlight", insee, f"SL-{insee}-0")
    return Thing(urn.replace("SL-", "NO-") if where == "none" else urn, "lighting", insee)


async def make_re_equipment(stage: Stage, where: Where) -> Thing:
    """A change of equipment that waits, as if it were of many lights."""
    light = await make_light(stage, where)
    change = UUID(int=(9 << 100) + stage.number())
    if where == "none":
        return Thing(str(change), "lighting", "")
    now = stage.desk.clock.now()
    await stage.desk.rows.execute(
        """INSERT INTO lighting_re_equipments (id, state, values, reason, twin_nos, communes, lights, proposed_by,
                                               proposed_at, lapses_at)
           VALUES ($1, 'proposed', '{"lamp_type": "led"}', 'essai', '{}', $2, 501, $1, $3, $4)""",
        change,
        [light.commune],
        now,
        now + timedelta(hours=24),
    )
    return Thing(str(change), "lighting", light.commune)


async def make_applied_re_equipment(stage: Stage, where: Where) -> Thing:
    """A change of one light that was made."""
    light = await make_light(stage, where)
    if where == "none":
        return Thing(str(UUID(int=(9 << 100) + stage.number())), "lighting", "")
    asked = {
        "targets": {"kind": "twins", "ids": [light.id]},
        "values": {"rated_power_w": 1 + stage.number() % 1999},
        "reason": "essai",
    }
    made = await stage.act("lighting.re_equip_lights", asked)
    return Thing(made["id"], "lighting", light.commune)


async def make_saving(stage: Stage, where: Where) -> Thing:
    """A commune whose year is proved."""
    if where == "none":
        return Thing("99999", "lighting", "")
    insee = COMMUNES[_PLACE[where]]
    rows, now = stage.desk.rows, stage.desk.clock.now()
    twins = stage.desk.city.twins["StreetlightControlCabinet"]
    twin_no = int(twins.twin_no[twins.commune == _PLACE[where]][0])
    await rows.execute(
        """INSERT INTO lighting_cabinet_nights (twin_no, night, kwh, coverage, source)
           SELECT $1, day::date, 1.0, 1.0, 'metered'
           FROM generate_series('2025-01-01'::date, '2025-03-31'::date, interval '1 day') AS day
           ON CONFLICT DO NOTHING""",
        twin_no,
    )
    await rows.execute(
        "INSERT INTO lighting_savings_due (commune, year, since) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        insee,
        YEAR,
        now,
    )
    async with stage.desk.door.desk(THE_POST) as desk:
        await prove_savings(desk)
    return Thing(insee, "lighting", insee)


async def make_order(stage: Stage, where: Where) -> Thing:
    """A work order on a light of the commune, assigned, and a photo of it."""
    if where == "none":
        return _absent({"version": 1, "photo": str(UUID(int=7))})
    insee = COMMUNES[_PLACE[where]]
    twin = twin_id("Streetlight", insee, f"SL-{insee}-0")
    made = await stage.act("lighting.open_work_order", {"twin": twin, "kind": "repair", "note": "essai"})
    photo = UUID(int=(9 << 100) + stage.number())
    await stage.desk.rows.execute(
        """INSERT INTO lighting_work_order_photos (id, work_order, name, media_type, sha256, content, at, by)
           VALUES ($1, $2, 'p.jpg', 'image/jpeg', 'x', 'x', $3, $1)""",
        photo,
        UUID(made["id"]),
        stage.desk.clock.now(),
    )
    contact = await stage.desk.rows.fetch_one("SELECT id FROM contacts WHERE retired_at IS NULL ORDER BY id LIMIT 1")
    assert contact is not None
    sent = {"id": made["id"], "version": made["version"], "to": str(contact["id"])}
    assigned = await stage.act("lighting.assign_work_order", sent)
    return Thing(made["id"], "lighting", insee, {"version": assigned["version"], "photo": str(photo)})


async def make_done_order(stage: Stage, where: Where) -> Thing:
    """The same, cancelled."""
    thing = await make_order(stage, where)
    if where == "none":
        return thing
    done = await stage.act(
        "lighting.cancel_work_order", {"id": thing.id, "version": thing.extra["version"], "reason": "essai"}
    )
    return Thing(thing.id, thing.trade, thing.commune, {"version": done["version"]})


BASELINE = {
    "source": "essai",
    "reason": "essai",
    "valid_from": "2014-01-01",
    "metered_from": None,
    "metered_until": None,
    "hours_h": 4000,
    "eur_per_kwh": 0.2,
    "eur_source": "essai",
}


async def make_baseline(stage: Stage, where: Where) -> Thing:
    """A baseline that waits for a second person."""
    if where == "none":
        return _absent({})
    insee = COMMUNES[_PLACE[where]]
    made = await stage.act("lighting.set_baseline", {"commune": insee, **BASELINE})
    return Thing(made["id"], "lighting", insee)


def _absent(extra: dict[str, Any]) -> Thing:
    return Thing(str(UUID(int=(1 << 69) + 78)), "lighting", "", extra)


KINDS: dict[str, Make] = {
    "lights": make_lights,
    "light": make_light,
    "light cabinet": make_cabinet,
    "saving": make_saving,
    "re-equipment": make_re_equipment,
    "re-equipment, applied": make_applied_re_equipment,
    "work order": make_order,
    "work order, cancelled": make_done_order,
    "baseline": make_baseline,
}
