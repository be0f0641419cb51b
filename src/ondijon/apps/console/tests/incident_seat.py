"""The console with incidents in it, and what tests ask of it."""

from dataclasses import dataclass
from pathlib import Path
from tomllib import loads
from typing import Any
from uuid import UUID

import httpx
import msgspec

import ondijon
from ondijon.apps.console.tests.conftest import ORIGIN, OWN, Desk
from ondijon.control_room.incidents.manifest import ROOM
from ondijon.kernel.identity import EVERY, THE_POST, Grant, Verb
from ondijon.web.sessions import COOKIE

SPOT = {"lon": 5.05, "lat": 47.31}
SPOT_ELSEWHERE = {"lon": 5.15, "lat": 47.31}
_HANDLE: tuple[Verb, ...] = ("see", "handle", "export")
_WORKING: tuple[Verb, ...] = ("see", "handle")
# chief, second: handle and export everywhere; local: handles in one commune; observer: sees; stranger: nothing.
_GRANTS = {
    "chief": (Grant("leader", (EVERY,), (EVERY,), _HANDLE),),
    "second": (Grant("leader", (EVERY,), (EVERY,), _HANDLE),),
    "local": (Grant("agent", (OWN,), (EVERY,), _WORKING),),
}


@dataclass
class Incidents:
    """What tests of incidents ask."""

    desk: Desk
    _asked: int = 0

    async def act(self, who: str, act: str, **payload: Any) -> httpx.Response:
        self._asked += 1
        body = {"key": f"incidents.{act}", "payload": payload, "idempotency_key": str(UUID(int=self._asked << 40))}
        return await self.desk.ask("POST", "/api/acts", who, body)

    async def open(self, who: str = "chief", **payload: Any) -> str:
        answer = await self.act(who, "open", **{"type": "roads.pothole", "place": SPOT, **payload})
        assert answer.status_code == 200, answer.text
        incident: str = answer.json()["result"]["id"]
        return incident

    async def get(self, incident: str, who: str = "chief", **headers: str) -> Any:
        answer = await self.desk.ask("GET", f"/api/incidents/{incident}", who, **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def list(self, query: str = "", who: str = "chief") -> Any:
        answer = await self.desk.ask("GET", f"/api/incidents{query}", who)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def send(self, incident: str, name: str, content: bytes, who: str = "chief") -> httpx.Response:
        headers = {"Origin": ORIGIN, "X-Ondijon": "1", "Cookie": f"{COOKIE}={await self.desk.cookie(who)}"}
        files = {"file": (name, content)}
        return await self.desk.client.post(f"/api/incidents/{incident}/files", files=files, headers=headers)


async def furnish(desk: Desk) -> Incidents:
    """Give people their rights, load the catalogue of types and the words."""
    for name, grants in _GRANTS.items():
        await desk.rows.execute("UPDATE users SET grants = $2 WHERE username = $1", name, msgspec.to_builtins(grants))
    catalogue = (Path(ondijon.__file__).parent / "cities/incident_types.toml").read_text("utf-8")
    async with desk.door.desk(THE_POST) as at:
        await ROOM.seeds[0].load(at, loads(catalogue))
    for language, words in (("fr", "strings.fr.json"), ("en", "strings.en.json")):
        text = (Path(ondijon.__file__).parent / "control_room/incidents" / words).read_bytes()
        desk.strings[language].update(msgspec.json.decode(text))
    return Incidents(desk)
