"""The video trade, to come: for now its cameras stand in the inventory."""
