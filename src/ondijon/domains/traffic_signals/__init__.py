"""The traffic signals trade, to come: for now its junctions stand in the inventory."""
