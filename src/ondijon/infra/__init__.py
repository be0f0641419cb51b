"""Engines behind the kernel's ports: each folder is one engine."""
