"""A process of its own that decodes one picture from its input and writes it anew, with nothing else in it."""

# Run as `python -m ondijon.web.image_child MOST_PIXELS MOST_SIDE`; it answers `FORMAT WIDTH HEIGHT`, a line end, the
# bytes. Exit 3: too many pixels; 4: not a picture that can be read. What it may use of the machine is limited before a
# byte of the picture is read, so that a picture made to harm can at worst end this process.

import io
import resource
import sys
import warnings

MEMORY_BYTES = 768 << 20
CPU_S = 20
TOO_LARGE, UNREADABLE = 3, 4
_OPEN_FILES = 32
_QUALITY = 88


def limit_itself() -> None:
    """Bound memory and time; forbid writing files, core dumps and many open files."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        resource.setrlimit(kind, (most, most))


def redraw(content: bytes, most_pixels: int, most_side: int) -> tuple[str, int, int, bytes] | int:
    """The picture as JPEG, or as PNG when parts of it are transparent; or the exit code that says why not.

    Upright as its EXIF orientation says, at most `most_side` pixels a side, sRGB numbers as they are, no metadata.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = most_pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as found:
            if max(found.size) > 2 * most_side:
                found.draft("RGB", (most_side, most_side))  # JPEG only: decoded small at once
            found.load()
            upright = ImageOps.exif_transpose(found)
        upright.thumbnail((most_side, most_side))
        see_through = upright.has_transparency_data
        plain = upright.convert("RGBA" if see_through else "RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return TOO_LARGE
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, MemoryError, EOFError):
        return UNREADABLE
    # A new picture of the same points: whatever hung on the old one stays behind.
    fresh = Image.frombytes(plain.mode, plain.size, plain.tobytes())
    target = io.BytesIO()
    if see_through:
        fresh.save(target, "PNG")
    else:
        fresh.save(target, "JPEG", quality=_QUALITY)
    return fresh.format or ("PNG" if see_through else "JPEG"), fresh.width, fresh.height, target.getvalue()


def main() -> int:
    """Read, redraw, answer."""
    most_pixels, most_side = int(sys.argv[1]), int(sys.argv[2])
    limit_itself()
    drawn = redraw(sys.stdin.buffer.read(), most_pixels, most_side)
    if isinstance(drawn, int):
        return drawn
    kind, width, height, content = drawn
    sys.stdout.buffer.write(f"{kind} {width} {height}\n".encode() + content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
