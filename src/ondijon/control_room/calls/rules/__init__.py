"""What decides about calls: their course, the number, the place, how many must answer."""
