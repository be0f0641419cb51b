"""What breaks a running post on purpose, what it keeps of that on its own disk, and what compares."""
