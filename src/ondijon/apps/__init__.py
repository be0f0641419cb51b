"""Faces: one folder each."""
