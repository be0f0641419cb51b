"""How every process of a post writes its log: readable lines, or one JSON object a line for a collector."""

import json
import logging
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

FORMS = ("lines", "json")
# What a process and all that it starts write, unless its command says otherwise.
VARIABLE = "ONDIJON_LOG"
# Of these libraries only what is wrong.
_CHATTY = ("asyncio", "gmqtt", "nats")


class JsonLines(logging.Formatter):
    """Each record as one object: at (machine time, UTC), level, role, logger, message, what was filled in, error.

    `template` is the message before it was filled in: what is counted and searched by. `fields` are the values in their
    order. No call of ours passes names, numbers or words of people (tests/architecture looks at them).
    """

    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the record holds."""
        content: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds"),
            "level": record.levelname,
            "role": self._role,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.args:
            content |= {"template": str(record.msg), "fields": _fields_of(record)}
        if record.exc_info and record.exc_info[0] is not None:
            content |= {"error": record.exc_info[0].__name__, "trace": self.formatException(record.exc_info)}
        return json.dumps(content, ensure_ascii=False, default=str)


def _fields_of(record: logging.LogRecord) -> list[Any]:
    """The values that were filled in; an error by its class, whose words the message has."""
    values = list(record.args.values()) if isinstance(record.args, dict) else list(record.args or ())
    return [type(value).__name__ if isinstance(value, BaseException) else value for value in values]


def set_up_logs(form: str, role: str, *, verbose: bool) -> None:
    """Write this process's log, and its children theirs, to stderr in one of FORMS; `role`: as whom."""
    os.environ[VARIABLE] = form
    handler = logging.StreamHandler(sys.stderr)
    readable = logging.Formatter("%(levelname)s %(name)s %(message)s")
    handler.setFormatter(JsonLines(role) if form == "json" else readable)
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[handler])
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def pass_line(role: str, line: str) -> None:
    """Pass on a line that a role wrote: with its name before it, or as the object that it is."""
    whole = _as_object(role, line) if os.environ.get(VARIABLE) == "json" else f"{role}: {line}"
    # A log that cannot be written, as on a full disk, must not stop the role that speaks.
    with suppress(OSError):
        print(whole, file=sys.stderr, flush=True)


def _as_object(role: str, line: str) -> str:
    """What is no object of ours, as a crash of the interpreter, becomes one."""
    if line.startswith('{"at": '):
        return line
    at = datetime.now(UTC).isoformat(timespec="microseconds")
    content = {"at": at, "level": "ERROR", "role": role, "logger": "stderr", "message": line}
    return json.dumps(content, ensure_ascii=False)
