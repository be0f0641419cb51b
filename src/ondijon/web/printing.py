"""What a printed document is made of, and the process that turns it into a PDF."""

import asyncio
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from ondijon.kernel.errors import Refused
from ondijon.web.child import run_child

_PATIENCE_S = 60.0
_printing = asyncio.Semaphore(1)


class Facts(Struct, frozen=True, tag=True):
    """Names and their values, one pair a line."""

    pairs: Sequence[tuple[str, str]]


class Table(Struct, frozen=True, tag=True):
    """A head and rows of text; `shares`: how the columns divide the width, in any unit."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    shares: Sequence[float]


class Prose(Struct, frozen=True, tag=True):
    """A paragraph; line ends stay."""

    text: str


class Picture(Struct, frozen=True, tag=True):
    """A JPEG or PNG and the line below it; at most the page's width and a third of its height."""

    content: bytes
    caption: str


Block = Facts | Table | Prose | Picture


class Section(Struct, frozen=True):
    """A heading with what stands below it."""

    title: str
    blocks: Sequence[Block]


class Printed(Struct, frozen=True):
    """A document to be printed.

    footer: who printed it and when; page: the sentence `Page {page} / {pages}` of the language; mark: what must
    stand on every page, such as that the city is synthetic, or nothing.
    """

    title: str
    subtitle: str
    sections: Sequence[Section]
    footer: str
    page: str
    mark: str = ""
    language: str = "fr"


async def print_aside(document: Printed) -> bytes:
    """The document as PDF (A4), printed by a process of its own; raises Refused when it takes longer than a minute."""
    async with _printing:
        code, content = await run_child("ondijon.web.print_child", (), msgspec.msgpack.encode(document), _PATIENCE_S)
    if code != 0:
        raise Refused("error.not_printed")
    return content
