"""JetStream's own snapshots: each stream with its consumers, taken while the broker runs and put into an empty one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from ondijon.infra.nats.bus import BusAway
from ondijon.kernel.errors import Refused

_API = "$JS.API.STREAM"
_LIMIT_S = 60.0
_CHUNK_BYTES = 128 << 10
SUFFIX = ".snapshot"


async def save_streams(url: str, folder: Path) -> list[str]:
    """Write every stream of the account that `url` signs in to into `folder`; returns their names.

    Each is whole at one moment; the streams of one broker are taken one after another.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with _client(url) as client:
        names = await _list_names(client)
        for name in names:
            description, content = await _take(client, name)
            (folder / f"{name}.json").write_bytes(msgspec.json.encode(description))
            (folder / f"{name}{SUFFIX}").write_bytes(content)
    return names


async def load_streams(url: str, folder: Path) -> list[str]:
    """Make every stream of `folder` in a broker that has none of them; returns their names."""
    names = sorted(path.name.removesuffix(SUFFIX) for path in folder.glob(f"*{SUFFIX}"))
    async with _client(url) as client:
        for name in names:
            description = msgspec.json.decode((folder / f"{name}.json").read_bytes())
            answer = await _ask(client, f"{_API}.RESTORE.{name}", description)
            content = (folder / f"{name}{SUFFIX}").read_bytes()
            for start in range(0, len(content), _CHUNK_BYTES):
                await client.request(answer["deliver_subject"], content[start : start + _CHUNK_BYTES], timeout=_LIMIT_S)
            _checked(name, (await client.request(answer["deliver_subject"], b"", timeout=_LIMIT_S)).data)
    return names


@asynccontextmanager
async def _client(url: str) -> AsyncIterator[Client]:
    try:
        client = await nats.connect(url, allow_reconnect=False, connect_timeout=5)
    except (OSError, TimeoutError, nats.errors.Error) as error:
        raise BusAway("error.bus_away", detail=str(error)) from error
    try:
        yield client
    finally:
        await client.close()


async def _list_names(client: Client) -> list[str]:
    names: list[str] = []
    while True:
        answer = await _ask(client, f"{_API}.NAMES", {"offset": len(names)})
        names += answer.get("streams") or []
        if len(names) >= answer["total"]:
            return sorted(names)


async def _take(client: Client, name: str) -> tuple[dict[str, Any], bytes]:
    """The stream's settings and state, and its content as the server packs it (each chunk is acknowledged)."""
    chunks: list[bytes] = []
    whole = asyncio.Event()

    async def on_chunk(message: Msg) -> None:
        chunks.append(message.data)
        if message.reply:
            await message.respond(b"")
        if not message.data:
            whole.set()

    inbox = client.new_inbox()
    subscription = await client.subscribe(inbox, cb=on_chunk)
    wanted = {"deliver_subject": inbox, "no_consumers": False, "chunk_size": _CHUNK_BYTES, "jsck": True}
    answer = await _ask(client, f"{_API}.SNAPSHOT.{name}", wanted)
    await asyncio.wait_for(whole.wait(), _LIMIT_S)
    await subscription.unsubscribe()
    return {"config": answer["config"], "state": answer["state"]}, b"".join(chunks)


async def _ask(client: Client, subject: str, body: dict[str, Any]) -> dict[str, Any]:
    return _checked(subject, (await client.request(subject, msgspec.json.encode(body), timeout=_LIMIT_S)).data)


def _checked(subject: str, answer: bytes) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(answer)
    if "error" in found:
        raise Refused("error.nats_snapshot", stream=subject, detail=str(found["error"].get("description")))
    return found
