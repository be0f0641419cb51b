"""`python -m ondijon` is the `ondijon` command."""

import sys

from ondijon.cli import main

sys.exit(main())
