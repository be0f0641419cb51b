"""The command line, and the only place that assembles."""

import argparse
import asyncio
import json
import logging
import sys
from collections.abc import Sequence

from ondijon.cli.commands import add_parsers, load_command
from ondijon.cli.places import PACKAGE
from ondijon.kernel.errors import OndijonError
from ondijon.kernel.i18n import say


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 refused with a reason, 2 the words were off."""
    parser = argparse.ArgumentParser(prog="ondijon", description="The open command post of a metropolis.")
    parser.add_argument("--verbose", action="store_true", help="log more")
    add_parsers(parser)
    options = parser.parse_args(argv)
    level = logging.DEBUG if options.verbose else logging.INFO
    logging.basicConfig(level=level, format="%(levelname)s %(name)s %(message)s", stream=sys.stderr)
    for chatty in ("asyncio", "gmqtt", "nats"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        asyncio.run(load_command(options.command)(options))
    except OndijonError as error:
        print(explain(error), file=sys.stderr)
        return 1
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0
    return 0


def explain(error: OndijonError) -> str:
    """The error in French and English, with its key."""
    lines = []
    for language in ("fr", "en"):
        words: dict[str, str] = {}
        for found in sorted(PACKAGE.rglob(f"strings.{language}.json")):
            words.update(json.loads(found.read_text("utf-8")))
        lines.append(say(words, error.key, error.values))
    return "\n".join([*dict.fromkeys(lines), f"[{error.key}]"])
