"""Notifications at work: facts and time make them, people read them, a courier carries them out."""
