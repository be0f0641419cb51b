"""The post's own health, watched like any other thing of the city."""
