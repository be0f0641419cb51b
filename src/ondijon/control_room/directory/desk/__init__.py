"""The directory at work: acts, opening hours, the city's file."""
