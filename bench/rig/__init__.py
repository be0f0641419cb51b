"""What the benches of a whole post share: the post itself, people at it, and their screens."""
