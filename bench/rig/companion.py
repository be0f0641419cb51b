"""A process that watches beside a bench: it reads a plan, says that it is ready, and ends when its input does."""

import asyncio
import sys
from pathlib import Path

import msgspec
from msgspec import Struct


async def start_companion(module: str, plan: Struct, path: Path) -> asyncio.subprocess.Process:
    """The module's process over that plan, written into `path`, once it is ready."""
    path.write_bytes(msgspec.json.encode(plan))
    argv = [sys.executable, "-m", module, str(path)]
    process = await asyncio.create_subprocess_exec(*argv, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    if await process.stdout.readline() != b"ready\n":
        raise SystemExit(f"{module} did not start: {await process.wait()}")
    return process
