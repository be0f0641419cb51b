"""A real Chromium on a running post's console, with what it costs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.async_api import Browser, CDPSession, Page, Route, async_playwright

from bench.rig.people import demo_password, session_of, sign_in
from bench.rig.running_post import RunningPost
from ondijon.web.sessions import COOKIE

CHROMIUMS = ("/usr/bin/chromium", "/usr/bin/chromium-browser")
# A machine without a graphics card draws WebGL in software; nothing may be fetched that the post does not serve.
WORDS = (
    "--no-sandbox --disable-gpu --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader --disable-quic"
    " --no-first-run --disable-background-networking --disable-component-update --disable-sync"
).split()
VIEW = {"width": 1600, "height": 900}
# Keeps hold of the console's own live socket, so that the bench can ask for full pictures through it.
KEEP_SOCKETS = """
window.__sockets = [];
window.WebSocket = class extends window.WebSocket {
  constructor(...words) { super(...words); window.__sockets.push(this); }
};
"""
NOTHING_POSITIONS = b"ODP1\x00\x00\x00\x00"
NOTHING_TABLE = b'{"row":[],"id":[],"name":[],"commune":[],"street":[],"attributes":{}}'


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """The system's Chromium, or the one that Playwright brought."""
    path = next((one for one in CHROMIUMS if Path(one).exists()), None)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=WORDS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_console(browser: Browser, post: RunningPost) -> AsyncIterator[Page]:
    """A fresh context, signed in, on an empty page; its cache is cold."""
    client = await sign_in(post.url, "claire", demo_password(post.home, "claire"))
    context = await browser.new_context(viewport={"width": VIEW["width"], "height": VIEW["height"]})
    try:
        await context.add_cookies([{"name": COOKIE, "value": session_of(client), "url": post.url}])
        await context.add_init_script(KEEP_SOCKETS)
        yield await context.new_page()
    finally:
        await context.close()
        await client.aclose()


async def hide_lights(page: Page, twin_type: str) -> None:
    """Answer as a city without a single twin of that type would."""

    async def no_positions(route: Route) -> None:
        await route.fulfill(body=NOTHING_POSITIONS, content_type="application/octet-stream")

    async def no_table(route: Route) -> None:
        await route.fulfill(body=NOTHING_TABLE, content_type="application/json")

    await page.route(f"**/api/twins/{twin_type}/positions", no_positions)
    await page.route(f"**/api/twins/{twin_type}/table", no_table)


def chromium_cpu_ms() -> dict[str, float]:
    """CPU milliseconds so far of this process's Chromium, by kind of process."""
    spent: dict[str, float] = {}
    for child in psutil.Process().children(recursive=True):
        try:
            words, times = child.cmdline(), child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        if words and "chrom" in words[0]:
            kind = next((word[7:] for word in words if word.startswith("--type=")), "browser")
            spent[kind] = spent.get(kind, 0.0) + 1000 * (times.user + times.system)
    return spent


async def main_thread_ms(session: CDPSession) -> dict[str, float]:
    """What the page's main thread has spent so far, all tasks and scripts alone, as Chromium counts it."""
    answer: dict[str, Any] = await session.send("Performance.getMetrics")
    found = {one["name"]: 1000 * float(one["value"]) for one in answer["metrics"]}
    return {"task_ms": found["TaskDuration"], "script_ms": found["ScriptDuration"]}
