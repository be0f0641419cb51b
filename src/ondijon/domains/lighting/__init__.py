"""Street lighting, the reference trade."""
