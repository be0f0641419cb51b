"""Writes a screenshot as a PNG of 256 colours, with nothing but numpy and a browser to decode it."""

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

Pixels = NDArray[np.uint8]
# Signals are few pixels but carry meaning: they have places of their own in the palette.
VIVID_PLACES = 64
VIVID_SPREAD = 60
DECODE = """async (png) => {
    const bytes = Uint8Array.from(atob(png), (one) => one.charCodeAt(0))
    const picture = await createImageBitmap(new Blob([bytes]))
    const canvas = new OffscreenCanvas(picture.width, picture.height)
    const context = canvas.getContext('2d')
    context.drawImage(picture, 0, 0)
    const { data } = context.getImageData(0, 0, picture.width, picture.height)
    let text = ''
    for (let at = 0; at < data.length; at += 32768) text += String.fromCharCode(...data.subarray(at, at + 32768))
    return [picture.width, picture.height, btoa(text)]
}"""


def reduce_colours(page: Page, png: bytes) -> bytes:
    """The same picture with at most 256 colours."""
    width, height, raw = page.evaluate(DECODE, base64.b64encode(png).decode())
    pixels = np.frombuffer(base64.b64decode(raw), np.uint8).reshape(height, width, 4)[..., :3]
    palette, indexes = _quantise(pixels)
    return _encode(palette, indexes)


def _quantise(pixels: Pixels) -> tuple[Pixels, Pixels]:
    codes = pixels.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    found, place, counts = np.unique(codes, return_inverse=True, return_counts=True)
    colours = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=-1).astype(np.float64)
    order = np.argsort(-counts)
    is_vivid = np.ptp(colours[order], axis=1) > VIVID_SPREAD
    vivid = order[is_vivid][:VIVID_PLACES]
    plain = order[~is_vivid][: 256 - len(vivid)]
    palette = colours[np.concatenate([plain, vivid])]
    nearest = ((palette**2).sum(axis=1) - 2 * colours @ palette.T).argmin(axis=1)
    return palette.astype(np.uint8), nearest[place].reshape(pixels.shape[:2]).astype(np.uint8)


def _encode(palette: Pixels, indexes: Pixels) -> bytes:
    """An indexed PNG (W3C PNG, third edition): every row unfiltered."""
    height, width = indexes.shape
    rows = np.pad(indexes, ((0, 0), (1, 0))).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", palette.tobytes()), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
