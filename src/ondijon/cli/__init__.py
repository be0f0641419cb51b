"""The command line, and the only place that assembles."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence

from ondijon.cli.commands import add_parsers, load_command
from ondijon.cli.logs import FORMS, VARIABLE, set_up_logs
from ondijon.cli.places import PACKAGE
from ondijon.kernel.errors import OndijonError
from ondijon.kernel.i18n import say


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 refused with a reason, 2 the words were off."""
    parser = argparse.ArgumentParser(prog="ondijon", description="The open command post of a metropolis.")
    parser.add_argument("--verbose", action="store_true", help="log more")
    form = os.environ.get(VARIABLE, FORMS[0])
    parser.add_argument("--log", choices=FORMS, default=form, help=f"form of the log (default: ${VARIABLE}, or lines)")
    add_parsers(parser)
    options = parser.parse_args(argv)
    set_up_logs(options.log, _role_of(options), verbose=options.verbose)
    try:
        asyncio.run(load_command(options.command)(options))
    except OndijonError as error:
        print(explain(error), file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0
    return 0


def _role_of(options: argparse.Namespace) -> str:
    """As whom this process speaks: a role, the supervisor, or the command that a person typed."""
    if options.command != "run":
        return str(options.command)
    return options.only or "supervisor"


def explain(error: OndijonError) -> str:
    """The error in French and English, with its key."""
    lines = []
    for language in ("fr", "en"):
        words: dict[str, str] = {}
        for found in sorted(PACKAGE.rglob(f"strings.{language}.json")):
            words.update(json.loads(found.read_text("utf-8")))
        lines.append(say(words, error.key, error.values))
    return "\n".join([*dict.fromkeys(lines), f"[{error.key}]"])
