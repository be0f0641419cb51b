"""What lighting decides and how it reckons; pure."""
