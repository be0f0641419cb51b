"""A disk that forgets on a power cut what nobody asked it to keep."""
