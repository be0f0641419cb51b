"""What people send is kept only when it is what it says, and never as it came when it is a picture."""

import io
import struct
import time
import zlib

import pytest
from PIL import Image, PngImagePlugin

from ondijon.kernel.errors import Refused
from ondijon.web.errors import TooLarge
from ondijon.web.uploads import MOST_BYTES, Upload, take_in


def _jpeg(size: tuple[int, int] = (600, 400), exif: Image.Exif | None = None) -> bytes:
    target = io.BytesIO()
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    picture.save(
        target, "JPEG", exif=exif or Image.Exif(), comment=b"taken by Jean Dupont", icc_profile=b"secret profile"
    )
    return target.getvalue()


def _png(width: int, height: int, rows: bytes, extra: bytes = b"") -> bytes:
    """A grey PNG by hand, so that no library refuses to make it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _opened(upload: Upload) -> Image.Image:
    return Image.open(io.BytesIO(upload.content))


async def test_where_and_with_what_a_photo_was_taken_is_gone_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Telephone", 6
    exif.get_ifd(0x8825).update({1: "N", 2: (47.0, 19.0, 18.0), 3: "E", 4: (5.0, 2.0, 29.0)})
    sent = _jpeg((600, 400), exif)
    assert b"Telephone" in sent
    kept = await take_in("IMG 0001.JPG", sent)
    assert (kept.name, kept.media_type, kept.width, kept.height) == ("IMG 0001.jpg", "image/jpeg", 400, 600)
    again = _opened(kept)
    assert dict(again.getexif()) == {}
    assert set(again.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    for secret in (b"Telephone", b"Exif", b"Dupont", b"secret profile", b"http://ns.adobe.com"):
        assert secret not in kept.content


async def test_text_chunks_and_what_hangs_behind_a_png_are_gone_and_transparency_stays() -> None:
    hidden = PngImagePlugin.PngInfo()
    hidden.add_text("Author", "Jean Dupont")
    target = io.BytesIO()
    Image.new("RGBA", (64, 64), (255, 0, 0, 90)).save(target, "PNG", pnginfo=hidden)
    kept = await take_in("x.png", target.getvalue() + b"<script>alert(1)</script>PK\x03\x04")
    assert kept.media_type == "image/png"
    assert b"Dupont" not in kept.content
    assert b"script" not in kept.content
    assert _opened(kept).getpixel((3, 3)) == (255, 0, 0, 90)


async def test_a_large_photo_is_made_smaller() -> None:
    kept = await take_in("x.jpg", _jpeg((6_000, 3_000)))
    assert (kept.width, kept.height) == (4_096, 2_048)


async def test_a_picture_of_169_megapixels_in_a_few_kilobytes_is_refused_at_once() -> None:
    bomb = _png(13_000, 13_000, zlib.compress(b"\0" * 13_001 * 13_000, 9))
    assert len(bomb) < 300_000
    began = time.monotonic()
    with pytest.raises(TooLarge, match="picture_too_large"):
        await take_in("x.png", bomb)
    assert time.monotonic() - began < 5


async def test_a_png_whose_text_swells_is_refused() -> None:
    text = b"zTXt-key\0\0" + zlib.compress(b"a" * (200 << 20), 9)
    chunk = struct.pack(">I", len(text)) + b"zTXt" + text + struct.pack(">I", zlib.crc32(b"zTXt" + text))
    with pytest.raises(Refused, match="picture_unreadable"):
        await take_in("x.png", _png(8, 8, zlib.compress(b"\0" * 9 * 8), chunk))


@pytest.mark.parametrize("kept_bytes", [3, 20, 400, 2_000])
async def test_a_photo_cut_short_is_refused(kept_bytes: int) -> None:
    with pytest.raises(Refused, match="picture_unreadable"):
        await take_in("x.jpg", _jpeg()[:kept_bytes])


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'\xef\xbb\xbf \n<?xml version="1.0"?><svg/>',
        b"<!doctype html><p>x",
        b"GIF89a\x01\x00\x01\x00\x80\x00\x00;",
        b"PK\x03\x04rest of an archive",
        b"MZ\x90\x00\x03",
        b"\x7fELF\x02\x01\x01",
        b"plain \x00 text",
        b"\x1b]0;terminal\x07",
        b"caf\xe9 in Latin-1",
        b"",
        b"   \n",
    ],
)
async def test_what_is_no_picture_no_pdf_and_no_plain_text_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="file_kind"):
        await take_in("photo.jpg", content)


async def test_a_script_with_the_first_bytes_of_a_photo_is_refused() -> None:
    with pytest.raises(Refused, match="picture_unreadable"):
        await take_in("x.jpg", b"\xff\xd8\xff<script>alert(1)</script>" * 50)


async def test_the_ending_of_the_name_says_nothing() -> None:
    assert (await take_in("../../etc/mot de passe.exe", b"%PDF-1.7 and so on")).name == "mot de passe.pdf"
    assert (await take_in("a\r\nSet-Cookie: x.html", "Relevé".encode())).name == "a_Set-Cookie_ x.txt"
    assert (await take_in("", _jpeg())).name == "fichier.jpg"


async def test_more_than_ten_megabytes_are_refused_unread() -> None:
    with pytest.raises(TooLarge):
        await take_in("x.txt", b"a" * (MOST_BYTES + 1))
