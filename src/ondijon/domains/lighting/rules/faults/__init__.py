"""What is remembered of lamps and cabinets to tell their faults: derived properties and the laws that evolve them."""
