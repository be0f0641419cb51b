"""Documents that are the same for many requests: built once, compressed once, told apart by ETag."""

import gzip
import hashlib
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response
from msgspec import Struct

_WORTH_COMPRESSING = 1_000


class Document(Struct, frozen=True):
    """Bytes ready to be sent, with and without compression."""

    content: bytes
    compressed: bytes | None
    media_type: str
    etag: str


def make_document(content: bytes, media_type: str, level: int = 6) -> Document:
    """Compress and name some content; slow for megabytes, so call it in a thread."""
    compressed = gzip.compress(content, level, mtime=0) if len(content) >= _WORTH_COMPRESSING else None
    if compressed is not None and len(compressed) > 0.9 * len(content):
        compressed = None
    etag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    return Document(content, compressed, media_type, etag)


def answer_document(request: Request[Any, Any, Any], document: Document, cache_control: str) -> Response[bytes]:
    """200 with the content, or 304 when the client has it already."""
    headers = {"ETag": document.etag, "Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    if document.etag in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    content = document.content
    if document.compressed is not None and accepts_gzip(request.headers):
        content = document.compressed
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=document.media_type, headers=headers)


def accepts_gzip(headers: Mapping[str, str]) -> bool:
    offers = [offer.strip() for offer in headers.get("accept-encoding", "").lower().split(",")]
    return any(offer.split(";")[0] == "gzip" and not offer.replace(" ", "").endswith(";q=0") for offer in offers)
