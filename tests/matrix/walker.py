"""Walks a line of the table as one person, over one thing, and says what was not as expected."""

from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler, WebsocketRouteHandler

from ondijon.apps.console.tests.conftest import ORIGIN
from ondijon.web.sessions import COOKIE
from tests.matrix.people import NOBODY, people
from tests.matrix.stage import Stage, Thing, Where
from tests.matrix.table import Findings, Line, expected, fill

_GRANTS = people()


def declared_routes(app: Litestar) -> set[str]:
    """Every method and path that the application answers."""
    found = set()
    for route in app.routes:
        for handler in route.route_handlers if hasattr(route, "route_handlers") else [route.route_handler]:
            if isinstance(handler, WebsocketRouteHandler):
                found.add(f"WS {route.path}")
            elif isinstance(handler, HTTPRouteHandler):
                found |= {f"{method} {route.path}" for method in handler.http_methods if method != "OPTIONS"}
    return found


async def send(stage: Stage, line: Line, who: str, thing: Thing) -> httpx.Response:
    """The request that the line describes, as the console's own page would send it."""
    key = str(UUID(int=(8 << 120) + stage.number()))
    words = {"id": thing.id, "commune": thing.commune, "who": who, **thing.extra, "key_of": thing.extra.get("key", "")}
    words["key"] = key
    path = fill(line.path, words)
    if not line.sends_file:
        return await stage.desk.ask(line.method, path, None if who == NOBODY else who, fill(line.body, words))
    headers = {"Origin": ORIGIN, "X-Ondijon": "1"}
    if who != NOBODY:
        headers["Cookie"] = f"{COOKIE}={await stage.desk.cookie(who)}"
    return await stage.desk.client.post(path, files={"file": ("note.txt", b"essai")}, headers=headers)


async def walk(stage: Stage, line: Line, who: str, where: Where, findings: Findings) -> None:
    """One person, one line, one thing."""
    thing = await (stage.make if line.fresh else stage.keep)(line.about, where)
    answer = await send(stage, line, who, thing)
    findings.requests += 1
    wanted = expected(line, who, _GRANTS.get(who, ()), thing, where)
    if answer.status_code not in wanted:
        findings.wrong.append(
            f"{line.name} ({line.about}, {where}) by {who}: {answer.status_code}, not {sorted(wanted)}: {_said(answer)}"
        )
    if answer.is_success:
        findings.done.add(line.name)
    if line.spends:
        await stage.seat_again(who)


def _said(answer: httpx.Response) -> Any:
    return answer.text[:160] if "json" in answer.headers.get("content-type", "") else ""
