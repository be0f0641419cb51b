"""The parts of the room as the console reads them, one folder each."""
