"""How long each fault lasts: the short form of `make test`, or the long one of `make faults`."""

import os

IS_LONG = os.environ.get("ONDIJON_FAULTS") == "long"
KILL_ROUNDS = int(os.environ.get("ONDIJON_KILL_ROUNDS", "20" if IS_LONG else "2"))
CUTS_S = tuple(float(cut_s) for cut_s in os.environ.get("ONDIJON_CUTS_S", "60,600" if IS_LONG else "5").split(","))
