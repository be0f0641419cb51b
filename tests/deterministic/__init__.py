"""Commands, approvals, holds, undo, programmes and alarms in a town whose time, network and store obey a seed."""

FIRST_SEED = 1
SEEDS, HOURS_A_SEED = 36, 251.0
