"""The logbook (main courante): what the room did and saw, line by line, for ever."""
