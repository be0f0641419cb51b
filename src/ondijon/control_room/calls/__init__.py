"""Calls: who rings, what they say, what they are promised, and who is called back."""
