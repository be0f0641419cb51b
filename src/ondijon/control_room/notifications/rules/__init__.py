"""What is told to whom, how long is waited, how often is tried."""
