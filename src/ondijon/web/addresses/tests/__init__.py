"""Tests of the address index."""
