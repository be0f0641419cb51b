"""A process of its own that prints one document, so that consoles go on while a thousand lines are set."""

# Run as `python -m ondijon.web.print_child`: a Printed as MessagePack comes in, the PDF goes out.

import sys

import msgspec

from ondijon.web.page_setting import print_pdf
from ondijon.web.printing import Printed


def main() -> None:
    """Read, print, write."""
    document = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Printed)
    sys.stdout.buffer.write(print_pdf(document))


if __name__ == "__main__":
    main()
