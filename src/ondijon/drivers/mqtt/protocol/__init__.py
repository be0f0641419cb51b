"""Bytes to messages and back: SenML packs, topics and the small JSON messages; no I/O here."""
