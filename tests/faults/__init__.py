"""What the post must survive, shown with real processes."""
