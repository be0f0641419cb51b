"""Files that people send: judged by their first bytes, pictures drawn anew in a limited process, the rest refused."""

import asyncio
import re
import unicodedata

from msgspec import Struct

from ondijon.kernel.errors import Refused
from ondijon.web.child import run_child
from ondijon.web.errors import TooLarge
from ondijon.web.image_child import TOO_LARGE

MOST_BYTES = 10 << 20
MOST_PIXELS = 40_000_000
MOST_SIDE = 4_096
_PATIENCE_S = 25.0
_AT_ONCE = 2
_LONGEST_NAME = 120
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_PDF = b"%PDF-"
_MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}
_ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf", "text/plain": ".txt"}
_NOT_IN_NAMES = re.compile(r"[^\w .,()+-]+")
_TEXT_CONTROLS = frozenset("\t\n\r\f")

_decoding = asyncio.Semaphore(_AT_ONCE)


class Upload(Struct, frozen=True):
    """A file fit to be kept; a picture has its size in pixels."""

    name: str
    media_type: str
    content: bytes
    width: int | None = None
    height: int | None = None


async def take_in(name: str, content: bytes) -> Upload:
    """What is to be kept of a sent file.

    Raises TooLarge above 10 MB or 40 Mpx; Refused when it is no JPEG, PNG, WebP, PDF or plain text, or cannot be read.
    """
    if len(content) > MOST_BYTES:
        raise TooLarge("error.too_large")
    if _is_picture(content):
        media_type, width, height, drawn = await _redraw(content)
        return Upload(_named(name, media_type), media_type, drawn, width, height)
    media_type = "application/pdf" if content.startswith(_PDF) else _plain_text(content)
    return Upload(_named(name, media_type), media_type, content)


def _is_picture(content: bytes) -> bool:
    return content.startswith(_PICTURES) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")


def _plain_text(content: bytes) -> str:
    """`text/plain` for UTF-8 without control characters that is not markup either; raises Refused."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("error.file_kind") from error
    if not text.strip() or text.lstrip().startswith("<"):
        raise Refused("error.file_kind")
    if any(unicodedata.category(letter) == "Cc" and letter not in _TEXT_CONTROLS for letter in text):
        raise Refused("error.file_kind")
    return "text/plain"


def _named(name: str, media_type: str) -> str:
    """The name without folders, odd characters and its own ending, with the ending of what it is."""
    bare = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    stem = _NOT_IN_NAMES.sub("_", bare).strip(" ._")
    stem = stem.rpartition(".")[0] or stem
    return f"{stem[:_LONGEST_NAME].strip(' ._') or 'fichier'}{_ENDINGS[media_type]}"


async def _redraw(content: bytes) -> tuple[str, int, int, bytes]:
    """Media type, width, height and bytes of the picture drawn anew."""
    async with _decoding:
        limits = (str(MOST_PIXELS), str(MOST_SIDE))
        code, answer = await run_child("ondijon.web.image_child", limits, content, _PATIENCE_S)
    if code == TOO_LARGE:
        raise TooLarge("error.picture_too_large", most=MOST_PIXELS // 1_000_000)
    head, _, drawn = answer.partition(b"\n")
    if code != 0 or not drawn:
        raise Refused("error.picture_unreadable")
    kind, width, height = head.decode().split()
    return _MEDIA_TYPES[kind], int(width), int(height), drawn
