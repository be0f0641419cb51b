"""Versions of lighting programmes in each state, for the matrix to be walked over."""

from typing import Any
from uuid import UUID

from msgspec import to_builtins

from ondijon.domains.lighting.queries import programmes
from ondijon.domains.lighting.rules.programmes.model import Content, OfCommunes, Profile, Rule
from ondijon.kernel.ids import twin_id
from ondijon.testing.builders import COMMUNES
from tests.matrix.stage import Make, Stage, Thing, Where

# Of a commune's lights, not stored yet.
CONTENT = {
    "key": "essai",
    "names": {"fr": "Essai", "en": "Trial"},
    "layer": "commune",
    "scope": {"kind": "communes", "communes": ["{id}"]},
    "rules": [{"profile": {}}],
}
_PLACE = {"own": 0, "other": 1, "none": 2}
_SOMEBODY = UUID(int=4711)


def _in_state(state: str, layer: Any = "commune") -> Make:
    """A version that somebody else drafted and, as far as it came, proposed."""

    async def make(stage: Stage, where: Where) -> Thing:
        number = stage.number()
        if where == "none":
            return Thing(str(UUID(int=(1 << 69) + 78)), "lighting", "", {"version": 1, "key": "nulle-part"})
        commune, version, now = COMMUNES[_PLACE[where]], UUID(int=(9 << 100) + number), stage.desk.clock.now()
        scope, rules = OfCommunes((commune,)), (Rule(Profile()),)
        content = Content(f"essai-{number}", {"fr": "Essai", "en": "Trial"}, layer, scope, rules)
        row = {
            "id": version,
            "key": content.key,
            "number": 1,
            "state": state,
            "layer": layer,
            "content": to_builtins(content),
            "communes": [commune],
            "lights": 0,
            "drafted_by": _SOMEBODY,
            "drafted_at": now,
            "proposed_by": _SOMEBODY,
            "proposed_at": now,
            "changed_by": _SOMEBODY,
        }
        async with stage.desk.rows.transaction() as tx:
            await programmes.insert(tx, row)
        return Thing(str(version), "lighting", commune, {"version": 1, "key": content.key})

    return make


async def _key_of_programme(stage: Stage, where: Where) -> Thing:
    thing = await _in_state("published")(stage, where)
    return Thing(thing.extra["key"], thing.trade, thing.commune)


async def _streetlight(stage: Stage, where: Where) -> Thing:
    insee = COMMUNES[_PLACE[where]]
    urn = twin_id("Streetlight", insee, f"SL-{insee}-{5 if where == 'none' else 0}")
    return Thing(urn, "lighting", insee)


KINDS: dict[str, Make] = {
    "programme": _key_of_programme,
    "programme, draft": _in_state("draft"),
    "programme, proposed": _in_state("proposed"),
    "programme, published": _in_state("published"),
    "streetlight": _streetlight,
    "special evening": _in_state("published", "special"),
}
