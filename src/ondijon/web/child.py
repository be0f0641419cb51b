"""A process of its own for what is heavy or not to be trusted: bytes in, bytes out, killed when it takes too long."""

import asyncio
import contextlib
import os
import sys


async def run_child(module: str, arguments: tuple[str, ...], content: bytes, patience_s: float) -> tuple[int, bytes]:
    """The exit code of `python -m module` and its answer; -1 when it took too long.

    It knows nothing of this process: no environment, no open files; it is killed when nobody waits for it any more.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd="/",
        env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONDONTWRITEBYTECODE": "1"},
        start_new_session=True,
    )
    try:
        answer, _ = await asyncio.wait_for(child.communicate(content), patience_s)
    except TimeoutError:
        return -1, b""
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    return child.returncode or 0, answer
