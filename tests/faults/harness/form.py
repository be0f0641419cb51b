"""How long each fault lasts: the short form of `make test`, or the long one of `make faults`."""

import os

import pytest

IS_LONG = os.environ.get("ONDIJON_FAULTS") == "long"
KILL_ROUNDS = int(os.environ.get("ONDIJON_KILL_ROUNDS", "20" if IS_LONG else "2"))
CUTS_S = tuple(float(cut_s) for cut_s in os.environ.get("ONDIJON_CUTS_S", "60,600" if IS_LONG else "3").split(","))
# How long the post is left alone before and after each fault, to be compared with.
QUIET_S = 1.0 if IS_LONG else 0.5

long_only = pytest.mark.skipif(not IS_LONG, reason="`make faults` only: `make test` has no time for it")
