"""What light saved, proved by meters: IPMVP option B over cabinets, with its uncertainty."""
